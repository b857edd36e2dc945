-- Grain: one row a wave × city × item × choice × round that tells it
-- (wave, city_key, item_code, choice_code, instrument, round), with the rank of the round in the wave, 1 first.
with wave_rounds as (
    select
        wave_rounds.wave,
        wave_rounds.instrument,
        wave_rounds.round,
        wave_rounds.rank as round_rank
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
),

answers as (
    select
        cities.city_key,
        answers.item_code,
        answers.choice_code,
        cities.instrument,
        cities.round
    from {{ ref('int_item_answers') }} as answers
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
    where cities.unit = 'city' and cities.tells_of_city
),

record_answers as (
    select
        cities.city_key,
        answers.item_code,
        answers.choice_code,
        cities.instrument,
        cities.round,
        item_rounds.pick,
        min(cities.recency) over (
            partition by cities.city_key, answers.item_code, cities.instrument, cities.round
        ) = cities.recency as is_latest
    from {{ ref('int_item_answers') }} as answers
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
    inner join {{ ref('int_item_rounds') }} as item_rounds
        on
            answers.item_code = item_rounds.item_code
            and cities.instrument = item_rounds.instrument
            and cities.round = item_rounds.round
    where cities.unit = 'record' and cities.tells_of_city
),

cities as (
    select distinct
        wave,
        city_key
    from {{ ref('int_city_rounds') }}
),

told as (
    select
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from answers
    union all
    select distinct
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from record_answers
    where pick = 'any' or is_latest
    union all
    select
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from {{ ref('int_city_traits') }}
    where instrument <> 'gazetteer'
)

select
    wave_rounds.wave,
    told.city_key,
    told.item_code,
    told.choice_code,
    told.instrument,
    told.round,
    wave_rounds.round_rank
from told
inner join wave_rounds using (instrument, round)
union all
-- What every round may tell better, the gazetteer tells last.
select
    cities.wave,
    traits.city_key,
    traits.item_code,
    traits.choice_code,
    traits.instrument,
    traits.round,
    1 + (select max(wave_rounds.round_rank) from wave_rounds) as round_rank
from {{ ref('int_city_traits') }} as traits
inner join cities using (city_key)
where traits.instrument = 'gazetteer'
