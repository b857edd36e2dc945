-- Grain: one row a response × item × choice (response_key, item_code, choice_code), choices of the harmonised scale.
with choice_maps as (
    select
        choice_map,
        source_choice,
        choice_code
    from {{ ref('int_choice_maps') }}
),

number_classes as (
    select
        choice_map,
        choice_code,
        lower_inclusive,
        upper_exclusive
    from {{ source('knowledge', 'number_classes') }}
),

item_evidence as (
    select
        response_key,
        question_code,
        item_code,
        method,
        choice_map,
        pick,
        choice_code,
        value_number
    from {{ ref('int_source_answers') }}
),

same_choices as (
    select
        response_key,
        item_code,
        choice_code
    from item_evidence
    where method = 'same' and choice_code is not null
),

mapped_choices as (
    select distinct
        item_evidence.response_key,
        item_evidence.item_code,
        item_evidence.method,
        choice_maps.choice_code
    from item_evidence
    inner join choice_maps
        on
            item_evidence.choice_map = choice_maps.choice_map
            and item_evidence.choice_code = choice_maps.source_choice
    where item_evidence.method in ('map', 'combine')
),

combined_choices as (
    select
        response_key,
        item_code,
        {{ joined_codes('choice_code') }} as choice_code
    from mapped_choices
    where method = 'combine'
    group by response_key, item_code
),

classed_numbers as (
    select
        item_evidence.response_key,
        item_evidence.item_code,
        number_classes.choice_code
    from item_evidence
    inner join number_classes
        on
            item_evidence.choice_map = number_classes.choice_map
            and item_evidence.value_number >= number_classes.lower_inclusive
            and item_evidence.value_number < coalesce(number_classes.upper_exclusive, cast('infinity' as double))
    where item_evidence.method = 'class'
),

-- Whatever is answered says yes: a membership is one by its record.
answered as (
    select distinct
        response_key,
        item_code,
        'yes' as choice_code
    from item_evidence
    where method = 'answered' and coalesce(pick, '') <> 'count'
),

-- Codes that coders, or an adjudicator, read out of an open answer.
coded_texts as (
    select distinct
        codings.response_key,
        item_evidence.item_code,
        codings.choice_code
    from item_evidence
    inner join {{ ref('stg_codings') }} as codings using (response_key, question_code)
    where item_evidence.method = 'coded' and codings.is_counted
),

linked_cities as (
    select
        links.response_key,
        item_sources.item_code,
        case when links.is_mission_city then 'yes' else 'no' end as choice_code
    from {{ source('knowledge', 'item_sources') }} as item_sources
    inner join {{ ref('int_response_cities') }} as links using (instrument, round)
    where item_sources.method = 'link' and links.is_mission_city is not null
)

select
    response_key,
    item_code,
    choice_code
from same_choices
union all
select
    response_key,
    item_code,
    choice_code
from mapped_choices
where method = 'map'
union all
select
    response_key,
    item_code,
    choice_code
from combined_choices
union all
select
    response_key,
    item_code,
    choice_code
from classed_numbers
union all
select
    response_key,
    item_code,
    choice_code
from answered
union all
select
    response_key,
    item_code,
    choice_code
from linked_cities
union all
select
    response_key,
    item_code,
    choice_code
from coded_texts
