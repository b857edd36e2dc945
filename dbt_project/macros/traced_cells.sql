{#- The responses behind cells: one row a place of `places` (rows of int_report_places) × response of a city that its n
counts. The fact is this query over all places; the data test is the same over as many as can be checked at any size. -#}
{% macro traced_cells(places) -%}
    {%- set place_columns = [
        'places.wave', 'places.table_id', 'places.cohort_code', 'places.row_code', 'places.row_label',
        'places.column_code', 'places.column_label', 'places.item_code', 'places.choice_code', 'places.dimension_code'
    ] %}
    with places as (
        select
            places.wave,
            places.table_id,
            places.cohort_code,
            places.row_code,
            places.row_label,
            places.column_code,
            places.column_label,
            places.item_code,
            places.choice_code,
            places.choice_kind,
            places.dimension_code,
            places.member_code
        from {{ places }} as places
        where not places.is_merged
    ),

    -- A place without a choice holds a statistic: of all numbers of the group.
    counted_cities as (
        select
            {{ place_columns | join(', ') }},
            members.city_key,
            answers.instrument,
            answers.round
        from places
        inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, dimension_code, member_code)
        inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key, item_code, choice_code)
        union all
        select distinct
            {{ place_columns | join(', ') }},
            members.city_key,
            answers.instrument,
            answers.round
        from places
        inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, dimension_code, member_code)
        inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key, item_code)
        where places.choice_kind = 'answered'
        union all
        select
            {{ place_columns | join(', ') }},
            members.city_key,
            cast(null as varchar) as instrument,
            cast(null as varchar) as round
        from places
        inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, dimension_code, member_code)
        inner join {{ ref('int_cohort_items') }} as items using (wave, cohort_code, item_code)
        left join {{ ref('int_cohort_asked') }} as asked using (wave, cohort_code, city_key, item_code)
        left join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key, item_code)
        where
            places.choice_kind = 'missing'
            and answers.city_key is null
            and (items.is_asked_of_all or asked.city_key is not null)
        union all
        select
            {{ place_columns | join(', ') }},
            members.city_key,
            numbers.instrument,
            numbers.round
        from places
        inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, dimension_code, member_code)
        inner join {{ ref('int_cohort_numbers') }} as numbers using (wave, cohort_code, city_key, item_code)
        where places.choice_code is null
    ),

    {{ item_responses() }}

    -- The records that tell it; where none does (no answer, no record, the gazetteer), the response that stands for the
    -- city in the cohort.
    counted as (
        select distinct
            counted_cities.wave,
            counted_cities.table_id,
            counted_cities.cohort_code,
            counted_cities.row_code,
            counted_cities.row_label,
            counted_cities.column_code,
            counted_cities.column_label,
            counted_cities.item_code,
            counted_cities.choice_code,
            counted_cities.dimension_code,
            coalesce(item_responses.response_key, members.response_key) as response_key
        from counted_cities
        inner join {{ ref('int_cohort_members') }} as members using (wave, cohort_code, city_key)
        left join item_responses
            on
                counted_cities.city_key = item_responses.city_key
                and counted_cities.instrument = item_responses.instrument
                and counted_cities.round = item_responses.round
                and counted_cities.item_code = item_responses.item_code
                and coalesce(counted_cities.choice_code, 'answered') = item_responses.choice_code
    ),

    questions_of_items as (
        select
            instrument,
            round,
            item_code,
            {{ joined_codes('question_code') }} as question_codes
        from {{ source('knowledge', 'item_sources') }}
        group by instrument, round, item_code
    )

    select
        counted.wave,
        counted.table_id,
        counted.cohort_code,
        counted.row_code,
        counted.row_label,
        counted.column_code,
        counted.column_label,
        counted.item_code,
        counted.response_key,
        responses.response_id,
        cities.city_key,
        cities.city_name,
        questions.question_codes,
        {{ worded_answer('counted.response_key', 'counted.item_code', 'counted.choice_code') }} as answer,
        case texts.coding_state
            when 'coded' then 'coded from the text by ' || texts.coder || ' on ' || cast(texts.coded_on as varchar)
            else 'the text: ' || texts.coding_state
        end as coding,
        {{ worded_answer('counted.response_key', 'counted.dimension_code') }} as group_answer,
        responses.source_file,
        responses.source_sheet,
        responses.source_row
    from counted
    inner join {{ ref('stg_responses') }} as responses using (response_key)
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
    left join questions_of_items as questions
        on
            responses.instrument = questions.instrument
            and responses.round = questions.round
            and counted.item_code = questions.item_code
    left join {{ ref('int_open_answers') }} as texts
        on counted.response_key = texts.response_key and counted.item_code = texts.item_code
{%- endmacro %}

{#- What a response answered to the questions of an item, worded as in the codebook: what is read as the choice where
there is one, else all of it, where only all answers together, or a number, make the choice. A correlated query: only
the answers of the responses that are asked for are worded. -#}
{% macro worded_answer(response_key, item_code, choice_code=none) -%}
    (
        select
            {% if choice_code -%}
            coalesce(
                {{ joined_texts(
                    'told.answer',
                    'told.question_position, told.answer_position, told.answer',
                    condition='told.choice_code = ' ~ choice_code
                ) }},
                {{ joined_texts('told.answer', 'told.question_position, told.answer_position, told.answer') }}
            )
            {%- else -%}
            {{ joined_texts('told.answer', 'told.question_position, told.answer_position, told.answer') }}
            {%- endif %}
        from (
            select distinct
                questions.position as question_position,
                coalesce(choices.position, coded_choices.position) as answer_position,
                coalesce(
                    choices.label,
                    coded_choices.label,
                    answers.value_text,
                    {{ number_text('answers.value_number') }},
                    cast(answers.value_date as varchar)
                ) as answer,
                case item_sources.method
                    when 'same' then answers.choice_code
                    when 'map' then choice_maps.choice_code
                    when 'coded' then codings.choice_code
                end as choice_code
            from {{ source('knowledge', 'item_sources') }} as item_sources
            inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
            inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
            left join {{ ref('stg_choices') }} as choices
                on
                    questions.instrument = choices.instrument
                    and questions.round = choices.round
                    and questions.list_name = choices.list_name
                    and answers.choice_code = choices.choice_code
            left join {{ ref('int_choice_maps') }} as choice_maps
                on
                    item_sources.method = 'map'
                    and item_sources.choice_map = choice_maps.choice_map
                    and answers.choice_code = choice_maps.source_choice
            left join {{ ref('stg_codings') }} as codings
                on
                    item_sources.method = 'coded'
                    and codings.is_counted
                    and answers.response_key = codings.response_key
                    and answers.question_code = codings.question_code
            left join {{ ref('dim_choice') }} as coded_choices
                on item_sources.item_code = coded_choices.item_code and codings.choice_code = coded_choices.choice_code
            where answers.response_key = {{ response_key }} and item_sources.item_code = {{ item_code }}
        ) as told
    )
{%- endmacro %}

{#- The responses that tell an item of a city: `answered` stands for any choice, and for a number. -#}
{% macro item_responses() -%}
told as (
        select
            response_key,
            item_code,
            choice_code
        from {{ ref('int_item_answers') }}
        union all
        select
            response_key,
            item_code,
            'answered' as choice_code
        from {{ ref('int_item_answers') }}
        union all
        select
            response_key,
            item_code,
            'answered' as choice_code
        from {{ ref('int_item_numbers') }}
    ),

    item_responses as (
        select
            told.response_key,
            told.item_code,
            told.choice_code,
            cities.city_key,
            cities.instrument,
            cities.round
        from told
        inner join {{ ref('int_response_cities') }} as cities using (response_key)
        where cities.tells_of_city
    ),
{%- endmacro %}
