-- Grain: one row a printed share that the counts of the same report contradict, or give only by another rounding
-- (wave, cell_id, contradicted_by).
with counted as (
    select
        wave,
        cell_id,
        source_label,
        source_order,
        place,
        cohort_code,
        printed,
        printed_value,
        counted_in,
        n,
        base_n,
        cohort_n,
        share_pct,
        sum_of_rounded,
        {{ half_up('share_pct', '0') }} as rounded
    from {{ ref('int_published_shares') }}
    where base_n > 0
)

select
    wave,
    concat_ws('.', cell_id, counted_in) as finding,
    cell_id,
    source_label,
    source_order,
    cohort_code,
    place,
    printed_value,
    share_pct as expected_value,
    counted_in || ': ' || n || ' of ' || base_n as contradicted_by,
    case
        when printed_value in (floor(share_pct), sum_of_rounded, ceil(share_pct)) then 'other_rounding'
        when base_n <> cohort_n and printed_value = {{ half_up('100.0 * n / cohort_n', '0') }} then 'wrong_base'
        when {{ one_digit_apart('printed_value', 'rounded') }} then 'one_digit'
    end as explanation_code
from counted
where printed_value <> rounded
