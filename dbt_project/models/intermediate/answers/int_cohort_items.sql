-- Grain: one row a wave × cohort × item that is known of the cohort's cities (wave, cohort_code, item_code): whether
-- each of them was asked and its answer, if open, is coded, and whether an answer behind it is confidential.
with uncoded as (
    select distinct
        wave,
        cohort_code,
        item_code
    from {{ ref('int_cohort_uncoded') }}
)

select
    item_rounds.wave,
    item_rounds.cohort_code,
    item_rounds.item_code,
    coalesce(max(item_rounds.comparability) filter (where item_rounds.comparability <> 'same'), 'same')
        as comparability,
    bool_or(item_rounds.is_own) and count(uncoded.item_code) = 0 as is_asked_of_all,
    coalesce(bool_or(rounds.is_confidential), false) as is_confidential
from {{ ref('int_cohort_item_rounds') }} as item_rounds
left join {{ ref('stg_rounds') }} as rounds
    on item_rounds.instrument = rounds.instrument and item_rounds.round = rounds.round
left join uncoded
    on
        item_rounds.wave = uncoded.wave
        and item_rounds.cohort_code = uncoded.cohort_code
        and item_rounds.item_code = uncoded.item_code
group by item_rounds.wave, item_rounds.cohort_code, item_rounds.item_code
