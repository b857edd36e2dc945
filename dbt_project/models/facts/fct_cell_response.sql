-- Grain: one row a cell of a report table × response of a city that its n counts
-- (wave, table_id, cohort_code, row_code, column_code, response_key). A cell with n = 0 has no row.
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
        places.member_code,
        cohort_items.is_asked_of_all
    from {{ ref('int_report_places') }} as places
    inner join {{ ref('int_cohort_items') }} as cohort_items using (wave, cohort_code, item_code)
    where not places.is_merged
),

city_answers as (
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
    select distinct
        wave,
        cohort_code,
        city_key,
        item_code,
        'answered' as choice_code,
        instrument,
        round
    from {{ ref('int_cohort_answers') }}
),

-- A place without a choice holds a statistic: of all numbers of the group.
counted_cities as (
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
        members.city_key,
        coalesce(chosen.instrument, numbers.instrument) as instrument,
        coalesce(chosen.round, numbers.round) as round
    from places
    inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, dimension_code, member_code)
    left join {{ ref('int_cohort_asked') }} as asked_cities
        on
            places.wave = asked_cities.wave
            and places.cohort_code = asked_cities.cohort_code
            and places.item_code = asked_cities.item_code
            and members.city_key = asked_cities.city_key
    left join city_answers as chosen
        on
            places.wave = chosen.wave
            and places.cohort_code = chosen.cohort_code
            and members.city_key = chosen.city_key
            and places.item_code = chosen.item_code
            and places.choice_code = chosen.choice_code
    left join city_answers as answered
        on
            places.wave = answered.wave
            and places.cohort_code = answered.cohort_code
            and members.city_key = answered.city_key
            and places.item_code = answered.item_code
            and answered.choice_code = 'answered'
    left join {{ ref('int_cohort_numbers') }} as numbers
        on
            places.wave = numbers.wave
            and places.cohort_code = numbers.cohort_code
            and members.city_key = numbers.city_key
            and places.item_code = numbers.item_code
    where
        case
            when places.choice_code is null then numbers.city_key is not null
            when places.choice_kind = 'missing'
                then answered.city_key is null and (places.is_asked_of_all or asked_cities.city_key is not null)
            else chosen.city_key is not null
        end
),

-- The records that tell it; where none does (no answer, no record, the gazetteer), the response that stands for the
-- city in the cohort.
counted as (
    select
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
    left join {{ ref('int_item_responses') }} as item_responses
        on
            counted_cities.city_key = item_responses.city_key
            and counted_cities.instrument = item_responses.instrument
            and counted_cities.round = item_responses.round
            and counted_cities.item_code = item_responses.item_code
            and coalesce(counted_cities.choice_code, 'answered') = item_responses.choice_code
),

-- What a response answered to the questions of an item, worded as in the codebook, and the item's choice that the
-- answer is read as: null where only all answers together, or a number, make the choice.
answers as (
    select distinct
        answers.response_key,
        item_sources.item_code,
        questions.question_code,
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
),

answers_by_choice as (
    select
        response_key,
        item_code,
        choice_code,
        {{ joined_answers('answer', 'question_position, answer_position, answer') }} as answer
    from answers
    where choice_code is not null
    group by response_key, item_code, choice_code
),

whole_answers as (
    select
        response_key,
        item_code,
        {{ joined_answers('answer', 'question_position, answer_position, answer') }} as answer
    from answers
    group by response_key, item_code
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
    coalesce(by_choice.answer, whole.answer) as answer,
    case texts.coding_state
        when 'coded' then 'coded from the text by ' || texts.coder || ' on ' || cast(texts.coded_on as varchar)
        else 'the text: ' || texts.coding_state
    end as coding,
    groups.answer as group_answer,
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
left join answers_by_choice as by_choice
    on
        counted.response_key = by_choice.response_key
        and counted.item_code = by_choice.item_code
        and counted.choice_code = by_choice.choice_code
left join whole_answers as whole
    on counted.response_key = whole.response_key and counted.item_code = whole.item_code
left join {{ ref('int_open_answers') }} as texts
    on counted.response_key = texts.response_key and counted.item_code = texts.item_code
left join whole_answers as groups
    on counted.response_key = groups.response_key and counted.dimension_code = groups.item_code
