-- Grain: one row a city (city_key): as its latest response describes it.
with responses as (
    select
        cities.city_key,
        cities.city_name,
        cities.is_pseudonym,
        cities.response_key,
        cities.instrument,
        row_number() over (
            partition by cities.city_key
            order by cities.round desc, cities.instrument asc, cities.response_key asc
        ) as recency,
        count(*) over (partition by cities.city_key) as responses_n
    from {{ ref('int_response_cities') }} as cities
),

traits as (
    select
        response_key,
        max(choice_code) filter (where item_code = 'region') as region_code,
        max(choice_code) filter (where item_code = 'size_class') as size_class_code
    from {{ ref('int_item_answers') }}
    group by response_key
),

populations as (
    select
        response_key,
        value_number as population
    from {{ ref('int_item_numbers') }}
    where item_code = 'population'
),

countries as (
    select
        answers.response_key,
        answers.choice_code as country_code
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
    where questions.role like '%country%'
)

select
    responses.city_key,
    responses.city_name,
    responses.is_pseudonym,
    countries.country_code,
    traits.region_code,
    populations.population,
    traits.size_class_code,
    responses.responses_n
from responses
left join traits using (response_key)
left join populations using (response_key)
left join countries using (response_key)
where responses.recency = 1
