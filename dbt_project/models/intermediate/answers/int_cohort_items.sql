-- Grain: one row a wave × cohort × item that the cohort's round asked (wave, cohort_code, item_code).
select distinct
    wave_rounds.wave,
    cohorts.cohort_code,
    item_sources.item_code,
    item_sources.comparability
from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
inner join {{ source('knowledge', 'cohorts') }} as cohorts using (instrument)
inner join {{ source('knowledge', 'item_sources') }} as item_sources
    on wave_rounds.instrument = item_sources.instrument and wave_rounds.round = item_sources.round
