-- Grain: one row an item × choice × response that tells it of a city (item_code, choice_code, response_key): `answered`
-- stands for any choice, and for a number.
with told as (
    select
        response_key,
        item_code,
        choice_code
    from {{ ref('int_item_answers') }}
    union distinct
    select
        response_key,
        item_code,
        'answered' as choice_code
    from {{ ref('int_item_answers') }}
    union distinct
    select
        response_key,
        item_code,
        'answered' as choice_code
    from {{ ref('int_item_numbers') }}
)

select
    told.item_code,
    told.choice_code,
    told.response_key,
    cities.city_key,
    cities.instrument,
    cities.round
from told
inner join {{ ref('int_response_cities') }} as cities using (response_key)
where cities.tells_of_city
