-- Grain: one row an open answer × topic that coders gave it (response_key, question_code, topic_code); one without a
-- topic where nothing decides what it says.
with topics as (
    select distinct
        codings.response_key,
        codings.question_code,
        codings.choice_code,
        sources.item_code
    from {{ ref('stg_codings') }} as codings
    inner join {{ source('knowledge', 'item_sources') }} as sources
        using (instrument, round, question_code)
    where codings.is_counted and sources.method = 'coded'
)

select
    answers.instrument,
    answers.round,
    answers.response_id,
    answers.city_key,
    answers.city_name,
    answers.country_code,
    answers.question_code,
    answers.question_label,
    answers.answer,
    topics.choice_code as topic_code,
    choices.label as topic_label,
    answers.source_file,
    answers.source_row,
    answers.response_key
from {{ ref('answers') }} as answers
left join topics using (response_key, question_code)
left join {{ ref('dim_choice') }} as choices
    on topics.item_code = choices.item_code and topics.choice_code = choices.choice_code
where answers.question_type = 'text'
