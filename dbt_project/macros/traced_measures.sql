{#- The responses behind measures: one row a measure × response of a city of `members` (rows of int_measure_members). The
fact is this query over all of them; the data test is the same over as many as can be checked at any size. -#}
{% macro traced_measures(members) -%}
    with measure_items as (
        select
            measure_id,
            item_code
        from {{ source('knowledge', 'measure_terms') }}
        union distinct
        select
            measure_id,
            subject as item_code
        from {{ source('knowledge', 'measures') }}
        where subject is not null
    ),

    counted_by as (
        select
            wave,
            cohort_code,
            city_key,
            item_code,
            choice_code,
            instrument,
            round
        from {{ ref('int_cohort_answers') }}
        union all
        select
            wave,
            cohort_code,
            city_key,
            item_code,
            'answered' as choice_code,
            instrument,
            round
        from {{ ref('int_cohort_numbers') }}
    ),

    {{ item_responses() }}

    telling as (
        select
            measure_items.measure_id,
            counted_by.wave,
            counted_by.cohort_code,
            counted_by.city_key,
            item_responses.response_key
        from measure_items
        inner join counted_by using (item_code)
        inner join item_responses
            on
                counted_by.city_key = item_responses.city_key
                and counted_by.instrument = item_responses.instrument
                and counted_by.round = item_responses.round
                and counted_by.item_code = item_responses.item_code
                and counted_by.choice_code = item_responses.choice_code
    ),

    behind as (
        select distinct
            members.wave,
            members.measure_id,
            members.is_in_numerator,
            coalesce(telling.response_key, cohort_members.response_key) as response_key
        from {{ members }} as members
        inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
        inner join {{ ref('int_cohort_members') }} as cohort_members
            on
                members.wave = cohort_members.wave
                and measures.cohort_code = cohort_members.cohort_code
                and members.city_key = cohort_members.city_key
        left join telling
            on
                members.measure_id = telling.measure_id
                and members.wave = telling.wave
                and measures.cohort_code = telling.cohort_code
                and members.city_key = telling.city_key
    )

    select
        behind.wave,
        behind.measure_id,
        behind.response_key,
        behind.is_in_numerator,
        responses.response_id,
        cities.city_key,
        cities.city_name,
        responses.source_file,
        responses.source_sheet,
        responses.source_row
    from behind
    inner join {{ ref('stg_responses') }} as responses using (response_key)
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
{%- endmacro %}
