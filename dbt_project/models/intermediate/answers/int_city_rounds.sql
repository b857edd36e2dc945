-- Grain: one row a wave × city × round that it is in (wave, city_key, instrument, round): the response that stands for
-- the city there.
select
    wave_rounds.wave,
    cities.city_key,
    cities.instrument,
    cities.round,
    coalesce(wave_rounds.read_as, cities.instrument) as cohort_instrument,
    wave_rounds.rank as round_rank,
    max(cities.response_key) filter (where cities.recency = 1) as response_key
from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
inner join {{ ref('int_response_cities') }} as cities using (instrument, round)
where cities.city_key is not null
group by wave_rounds.wave, cities.city_key, cities.instrument, cities.round, wave_rounds.read_as, wave_rounds.rank
