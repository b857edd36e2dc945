-- Grain: one row a fact about a city that no item of the round tells (city_key, item_code, instrument, round): its size
-- and region by the roles of a round's questions, or by the gazetteer.
with size_classes as (
    select
        choice_code,
        lower_inclusive,
        coalesce(upper_exclusive, cast('infinity' as double)) as upper_exclusive
    from {{ source('knowledge', 'number_classes') }}
    where choice_map = 'size_class'
),

regions as (
    select
        source_choice as country_code,
        choice_code
    from {{ source('knowledge', 'choice_maps') }}
    where choice_map = 'country_to_region'
),

ordered as (
    select
        cities.city_key,
        cities.instrument,
        cities.round,
        roles.role,
        answers.value_number as population,
        answers.choice_code as country_code,
        row_number() over (
            partition by cities.city_key, cities.instrument, cities.round, roles.role
            order by cities.recency asc, roles.question_code asc
        ) as preference
    from {{ ref('int_response_cities') }} as cities
    inner join {{ ref('stg_answers') }} as answers using (response_key)
    inner join {{ ref('stg_question_roles') }} as roles
        on
            answers.instrument = roles.instrument
            and answers.round = roles.round
            and answers.question_code = roles.question_code
    where
        cities.tells_of_city
        and roles.role in ('population', 'country')
        and (answers.value_number is not null or answers.choice_code is not null)
),

-- The latest record of a city that tells it.
told as (
    select
        city_key,
        instrument,
        round,
        role,
        population,
        country_code
    from ordered
    where preference = 1
),

facts as (
    select
        city_key,
        instrument,
        round,
        role,
        population,
        country_code
    from told
    union all
    select
        city_key,
        'gazetteer' as instrument,
        'gazetteer' as round,
        'population' as role,
        cast(population as double) as population,
        null as country_code
    from {{ source('landing', 'city_places') }}
    union all
    select
        city_key,
        'gazetteer' as instrument,
        'gazetteer' as round,
        'country' as role,
        null as population,
        country_code
    from {{ source('landing', 'city_places') }}
),

traits as (
    select
        facts.city_key,
        'size_class' as item_code,
        size_classes.choice_code,
        facts.instrument,
        facts.round
    from facts
    inner join size_classes
        on facts.population >= size_classes.lower_inclusive and facts.population < size_classes.upper_exclusive
    where facts.role = 'population'
    union all
    select
        facts.city_key,
        'region' as item_code,
        regions.choice_code,
        facts.instrument,
        facts.round
    from facts
    inner join regions using (country_code)
    where facts.role = 'country'
)

select
    traits.city_key,
    traits.item_code,
    traits.choice_code,
    traits.instrument,
    traits.round
from traits
inner join {{ source('knowledge', 'items') }} using (item_code)
left join {{ ref('int_item_rounds') }} as item_rounds using (item_code, instrument, round)
where item_rounds.item_code is null
