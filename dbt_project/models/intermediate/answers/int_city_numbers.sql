-- Grain: one row a wave × city × number item × round that tells it (wave, city_key, item_code, instrument, round), with
-- the rank of the round in the wave, 1 first.
with numbers as (
    select
        cities.city_key,
        numbers.item_code,
        cities.instrument,
        cities.round,
        case
            when item_rounds.pick = 'count' then cast(count(*) as double)
            else min_by(numbers.value_number, cities.recency)
        end as value_number
    from {{ ref('int_item_numbers') }} as numbers
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
    inner join {{ ref('int_item_rounds') }} as item_rounds
        on
            numbers.item_code = item_rounds.item_code
            and cities.instrument = item_rounds.instrument
            and cities.round = item_rounds.round
    where cities.tells_of_city
    group by cities.city_key, numbers.item_code, cities.instrument, cities.round, item_rounds.pick
)

select
    wave_rounds.wave,
    numbers.city_key,
    numbers.item_code,
    numbers.value_number,
    numbers.instrument,
    numbers.round,
    wave_rounds.rank as round_rank
from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
inner join numbers using (instrument, round)
