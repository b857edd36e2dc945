-- Grain: one row a response (response_key), with the city that it is about: that gave it, in a round of cities; none
-- for a record that names no city.
with pseudonyms as (
    select
        answers.response_key,
        answers.value_text as city_pseudonym
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role = 'city_pseudonym'
),

city_ids as (
    select
        answers.response_key,
        min(coalesce(answers.value_text, {{ number_text('answers.value_number') }})) as city_id
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role = 'city_id'
    group by answers.response_key
),

links as (
    select
        {{ response_key('instrument', 'round', 'response_id') }} as response_key,
        country_code,
        city_key,
        city_name,
        link_method,
        is_mission_city
    from {{ source('landing', 'city_links') }}
),

keyed as (
    select
        responses.response_key,
        responses.instrument,
        responses.round,
        rounds.unit,
        -- A respondent without a known name is a city of its own; records of one unknown name are about one city.
        coalesce(
            links.city_key,
            pseudonyms.city_pseudonym,
            case
                when rounds.unit = 'city' then responses.response_key
                when city_ids.city_id is not null then concat_ws(':', 'name', responses.instrument, city_ids.city_id)
                when links.city_name is not null
                    then concat_ws(':', 'name', lower(links.country_code), lower(trim(links.city_name)))
            end
        ) as city_key,
        links.city_name,
        links.city_key is null and pseudonyms.city_pseudonym is not null as is_pseudonym,
        coalesce(
            links.link_method, case when pseudonyms.city_pseudonym is not null then 'pseudonym' else 'none' end
        ) as link_method,
        links.is_mission_city,
        coalesce(responses.updated_at, responses.submitted_at) as told_at,
        responses.landed_position
    from {{ ref('stg_responses') }} as responses
    inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    left join links using (response_key)
    left join pseudonyms using (response_key)
    left join city_ids using (response_key)
),

ordered as (
    select
        response_key,
        case
            when city_key is not null then row_number() over (
                partition by instrument, round, city_key
                order by told_at desc nulls last, landed_position desc
            )
        end as recency
    from keyed
)

select
    keyed.response_key,
    keyed.instrument,
    keyed.round,
    keyed.unit,
    keyed.city_key,
    keyed.city_name,
    keyed.is_pseudonym,
    keyed.link_method,
    keyed.is_mission_city,
    ordered.recency,
    -- A city says what its last response says, and all that its records say.
    keyed.city_key is not null and (keyed.unit = 'record' or ordered.recency = 1) as tells_of_city
from keyed
inner join ordered using (response_key)
