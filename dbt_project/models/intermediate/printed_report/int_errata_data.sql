-- Grain: one row a printed number that real answers contradict (wave, cell_id). Synthetic answers contradict nothing.
with real_cohorts as (
    select distinct
        wave_rounds.wave,
        cohorts.cohort_code,
        rounds.title
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ ref('dim_cohort') }} as cohorts using (instrument)
    inner join {{ ref('dim_round') }} as rounds using (instrument, round)
    where not rounds.is_synthetic
)

select
    reconciliation.wave,
    reconciliation.cell_id as finding,
    reconciliation.cell_id,
    reconciliation.source_label,
    numbers.source_order,
    reconciliation.place,
    reconciliation.cohort_code,
    reconciliation.printed_value,
    real_cohorts.title as contradicted_by,
    reconciliation.computed_value as expected_value,
    case
        when {{ one_digit_apart('reconciliation.printed_value', 'reconciliation.computed_value') }} then 'one_digit'
    end as explanation_code
from {{ ref('gap_reconciliation') }} as reconciliation
inner join real_cohorts using (wave, cohort_code)
inner join {{ ref('int_published_numbers') }} as numbers using (wave, cell_id)
where reconciliation.reconciliation_status = 'differs'
