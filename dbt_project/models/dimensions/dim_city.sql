-- Grain: one row a city (city_key): its latest response's name; of other facts, the first source that tells them.
with responses as (
    select
        city_key,
        city_name,
        is_pseudonym,
        is_mission_city,
        response_key,
        case when link_method = 'registry' then 'registry' else 'answer' end as source,
        case when link_method = 'registry' then 2 else 1 end as source_position,
        row_number() over (
            partition by city_key
            order by round desc, instrument asc, response_key asc
        ) as recency,
        count(*) over (partition by city_key) as responses_n
    from {{ ref('int_response_cities') }}
    where city_key is not null
),

gazetteer as (
    select
        places.city_key,
        cast(places.population as double) as population,
        places.latitude,
        places.longitude,
        regions.choice_code as region_code,
        'gazetteer' as source,
        3 as source_position,
        1 as recency
    from {{ source('landing', 'city_places') }} as places
    left join {{ source('knowledge', 'choice_maps') }} as regions
        on places.country_code = regions.source_choice and regions.choice_map = 'country_to_region'
),

size_classes as (
    select
        choice_code,
        lower_inclusive,
        coalesce(upper_exclusive, cast('infinity' as double)) as upper_exclusive
    from {{ source('knowledge', 'number_classes') }}
    where choice_map = 'size_class'
),

-- A round tells the population by the item, or by the role of a question where no item reads it.
told_populations as (
    select
        response_key,
        value_number as population
    from {{ ref('int_item_numbers') }}
    where item_code = 'population'
    union all
    select
        answers.response_key,
        answers.value_number as population
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role = 'population' and answers.value_number is not null
),

populations as (
    select
        responses.city_key,
        responses.source,
        responses.source_position,
        responses.recency,
        told_populations.population
    from responses
    inner join told_populations using (response_key)
    union all
    select
        city_key,
        source,
        source_position,
        recency,
        population
    from gazetteer
    where population is not null
),

traits as (
    select
        responses.city_key,
        responses.source,
        responses.source_position,
        responses.recency,
        answers.item_code,
        answers.choice_code
    from responses
    inner join {{ ref('int_item_answers') }} as answers using (response_key)
    where answers.item_code in ('region', 'size_class')
    union all
    select
        populations.city_key,
        populations.source,
        populations.source_position,
        populations.recency,
        'size_class' as item_code,
        size_classes.choice_code
    from populations
    inner join size_classes
        on
            populations.population >= size_classes.lower_inclusive
            and populations.population < size_classes.upper_exclusive
    union all
    select
        city_key,
        source,
        source_position,
        recency,
        'region' as item_code,
        region_code as choice_code
    from gazetteer
    where region_code is not null
),

coordinates as (
    select
        answers.response_key,
        max(answers.value_number) filter (where roles.role = 'latitude') as latitude,
        max(answers.value_number) filter (where roles.role = 'longitude') as longitude
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role in ('latitude', 'longitude')
    group by answers.response_key
),

locations as (
    select
        responses.city_key,
        responses.source,
        responses.source_position,
        responses.recency,
        coordinates.latitude,
        coordinates.longitude
    from responses
    inner join coordinates using (response_key)
    where coordinates.latitude is not null and coordinates.longitude is not null
    union all
    select
        city_key,
        source,
        source_position,
        recency,
        latitude,
        longitude
    from gazetteer
    where latitude is not null and longitude is not null
),

countries as (
    select
        answers.response_key,
        answers.choice_code as country_code
    from {{ ref('stg_answers') }} as answers
    inner join {{ ref('stg_question_roles') }} as roles using (instrument, round, question_code)
    where roles.role = 'country'
),

first_populations as (
    select
        city_key,
        source,
        population,
        row_number() over (
            partition by city_key
            order by source_position asc, recency asc, population desc
        ) as preference
    from populations
),

first_traits as (
    select
        city_key,
        item_code,
        source,
        choice_code,
        row_number() over (
            partition by city_key, item_code
            order by source_position asc, recency asc, choice_code asc
        ) as preference
    from traits
),

first_locations as (
    select
        city_key,
        source,
        latitude,
        longitude,
        row_number() over (partition by city_key order by source_position asc, recency asc) as preference
    from locations
)

select
    responses.city_key,
    case
        when responses.city_key = responses.response_key then {{ released_key('responses.response_key') }}
        else responses.city_key
    end as released_key,
    responses.city_name,
    responses.is_pseudonym,
    countries.country_code,
    responses.is_mission_city,
    regions.choice_code as region_code,
    regions.source as region_source,
    populations.population,
    populations.source as population_source,
    sizes.choice_code as size_class_code,
    sizes.source as size_class_source,
    locations.latitude,
    locations.longitude,
    locations.source as location_source,
    responses.responses_n
from responses
left join first_traits as regions
    on responses.city_key = regions.city_key and regions.item_code = 'region' and regions.preference = 1
left join first_traits as sizes
    on responses.city_key = sizes.city_key and sizes.item_code = 'size_class' and sizes.preference = 1
left join first_populations as populations
    on responses.city_key = populations.city_key and populations.preference = 1
left join first_locations as locations
    on responses.city_key = locations.city_key and locations.preference = 1
left join countries on responses.response_key = countries.response_key
where responses.recency = 1
