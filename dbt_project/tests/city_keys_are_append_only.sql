-- A served city key neither vanishes nor changes its meaning: undo what moved it, or say why in city_key_changes.csv.
{{ config(meta={'dagster': {'ref': {'name': 'dim_city'}}}) }}
with served as (
    select
        response_key,
        instrument,
        round,
        city_key
    from {{ source('landing', 'served_responses') }}
),

responses_now as (
    select
        response_key,
        city_key,
        link_method
    from {{ ref('int_response_cities') }}
),

moved as (
    select
        served.city_key as old_key,
        nullif(responses_now.city_key, responses_now.response_key) as new_key,
        'a response has another city than served before' as change,
        served.response_key as example
    from served
    inner join responses_now using (response_key)
    where responses_now.city_key <> served.city_key and responses_now.link_method <> 'confirmed alias'
),

-- A round that was taken out takes its cities with it.
vanished as (
    select
        served.city_key as old_key,
        cast(null as varchar) as new_key,
        'no response has the city any more' as change,
        min(served.response_key) as example
    from served
    inner join {{ ref('stg_rounds') }} using (instrument, round)
    left join responses_now using (response_key)
    left join {{ ref('dim_city') }} as cities on served.city_key = cities.city_key
    where responses_now.response_key is null and cities.city_key is null
    group by served.city_key
),

in_another_country as (
    select
        cities.city_key as old_key,
        cities.city_key as new_key,
        'the city is in ' || cities.country_code || ' and was in ' || served_cities.country_code as change,
        cast(null as varchar) as example
    from {{ source('landing', 'served_cities') }} as served_cities
    inner join {{ ref('dim_city') }} as cities using (city_key)
    where
        cities.country_code <> served_cities.country_code
        and served_cities.city_key in (select served.city_key from served)
),

changes as (
    select
        old_key,
        new_key,
        change,
        example
    from moved
    union all
    select
        old_key,
        new_key,
        change,
        example
    from vanished
    union all
    select
        old_key,
        new_key,
        change,
        example
    from in_another_country
)

select
    changes.old_key,
    changes.new_key,
    changes.change,
    changes.example
from changes
left join {{ source('knowledge', 'city_key_changes') }} as reviewed
    on changes.old_key = reviewed.old_key and coalesce(changes.new_key, '') = coalesce(reviewed.new_key, '')
where reviewed.old_key is null
order by changes.old_key asc, changes.new_key asc, changes.example asc
