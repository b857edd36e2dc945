-- Grain: one row a wave × cohort (wave, cohort_code): whether the answers that it is counted from are synthetic, as the
-- source card of its round says.
select
    wave_rounds.wave,
    cohorts.cohort_code,
    bool_or(rounds.is_synthetic) as is_synthetic
from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
inner join {{ source('knowledge', 'cohorts') }} as cohorts using (instrument)
inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
group by wave_rounds.wave, cohorts.cohort_code
