-- Grain: one row a source of an item × answer that it reads (response_key, item_code, question_code, choice_code). Where
-- the source asks for a choice of another question, responses without it say nothing of the item.
with item_sources as (
    select
        item_code,
        instrument,
        round,
        question_code,
        method,
        choice_map,
        pick,
        only_question,
        only_choice
    from {{ source('knowledge', 'item_sources') }}
    -- To stand in no record is told of cities, not by a response.
    where coalesce(pick, '') <> 'none'
),

conditions as (
    select distinct
        answers.response_key,
        item_sources.only_question,
        item_sources.only_choice
    from item_sources
    inner join {{ ref('stg_answers') }} as answers
        on
            item_sources.instrument = answers.instrument
            and item_sources.round = answers.round
            and item_sources.only_question = answers.question_code
            and item_sources.only_choice = answers.choice_code
)

select
    answers.response_key,
    item_sources.item_code,
    item_sources.question_code,
    item_sources.method,
    item_sources.choice_map,
    item_sources.pick,
    answers.choice_code,
    answers.value_number
from item_sources
inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
left join conditions
    on
        answers.response_key = conditions.response_key
        and item_sources.only_question = conditions.only_question
        and item_sources.only_choice = conditions.only_choice
where item_sources.only_question is null or conditions.response_key is not null
