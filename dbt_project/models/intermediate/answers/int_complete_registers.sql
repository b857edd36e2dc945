-- Grain: one row a wave × cohort × item × round whose register holds every city of the cohort that belongs there
-- (wave, cohort_code, item_code, instrument, round): a city that is in no record of it has none.
select
    wave_rounds.wave,
    cohorts.cohort_code,
    item_rounds.item_code,
    item_rounds.instrument,
    item_rounds.round
from {{ ref('int_item_rounds') }} as item_rounds
inner join {{ source('knowledge', 'wave_rounds') }} as wave_rounds using (instrument, round)
inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
inner join {{ source('knowledge', 'cohorts') }} as cohorts
    on array_contains(rounds.complete_for, 'all') or array_contains(rounds.complete_for, cohorts.cohort_code)
where item_rounds.has_none
