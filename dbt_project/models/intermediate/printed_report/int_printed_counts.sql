-- Grain: one row a wave × cohort × item × choice whose count or share of the whole cohort the printed report shows, and
-- ours equals (wave, cohort_code, item_code, choice_code).
select distinct
    numbers.wave,
    numbers.cohort_code,
    numbers.item_code,
    numbers.choice_code
from {{ ref('int_published_numbers') }} as numbers
inner join {{ ref('gap_reconciliation') }} as reconciliation using (wave, cell_id)
where
    numbers.dimension_code = 'all'
    and numbers.statistic in ('count', 'share')
    and numbers.precision_code = 'exact'
    and numbers.item_code is not null
    and numbers.choice_code is not null
    and reconciliation.reconciliation_status in ('reproduced', 'reproduced under another rounding')
