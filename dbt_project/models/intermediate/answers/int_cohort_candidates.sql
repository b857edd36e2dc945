-- Grain: one row a wave × cohort × city (wave, cohort_code, city_key) of the cohort's instrument, before the cohort's
-- conditions: the response that stands for the city in the first of the instrument's rounds, or of those read as one.
select
    rounds.wave,
    cohorts.cohort_code,
    rounds.city_key,
    min_by(rounds.response_key, rounds.round_rank) as response_key
from {{ source('knowledge', 'cohorts') }} as cohorts
inner join {{ ref('int_city_rounds') }} as rounds on cohorts.instrument = rounds.cohort_instrument
group by rounds.wave, cohorts.cohort_code, rounds.city_key
