-- A city that answers a round twice counts once, by its last response: ask which one is meant.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_response_cities'}}}) }}
select
    instrument,
    round,
    city_key,
    count(*) as responses_n
from {{ ref('int_response_cities') }}
where unit = 'city'
group by instrument, round, city_key
having count(*) > 1
