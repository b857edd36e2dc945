-- Grain: one row a number that the printed report shows in digits, and that ours equals (wave, cell_id).
select
    numbers.wave,
    numbers.cell_id,
    numbers.measure_id,
    numbers.statistic,
    numbers.cohort_code,
    numbers.item_code,
    numbers.choice_code,
    numbers.dimension_code
from {{ ref('int_published_numbers') }} as numbers
inner join {{ ref('gap_reconciliation') }} as reconciliation using (wave, cell_id)
where
    numbers.precision_code = 'exact'
    and reconciliation.reconciliation_status in ('reproduced', 'reproduced under another rounding')
