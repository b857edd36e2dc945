-- Grain: one row a response (response_key), with the city that gave it.
with pseudonyms as (
    select
        answers.response_key,
        answers.value_text as city_pseudonym
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role = 'city_pseudonym'
),

links as (
    select
        {{ response_key('instrument', 'round', 'response_id') }} as response_key,
        city_key,
        city_name,
        link_method,
        is_mission_city
    from {{ source('landing', 'city_links') }}
)

select
    responses.response_key,
    responses.instrument,
    responses.round,
    coalesce(links.city_key, pseudonyms.city_pseudonym, responses.response_key) as city_key,
    links.city_name,
    links.city_key is null and pseudonyms.city_pseudonym is not null as is_pseudonym,
    coalesce(links.link_method, case when pseudonyms.city_pseudonym is not null then 'pseudonym' else 'none' end)
        as link_method,
    links.is_mission_city
from {{ ref('stg_responses') }} as responses
left join links using (response_key)
left join pseudonyms using (response_key)
