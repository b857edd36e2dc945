-- Grain: one row a response × question × choice (response_key, question_code, choice_code), given answers only. It is a
-- query, for those who look up answers: stored, it would be all answers once more.
{{ config(materialized='view') }}
select
    answers.response_key,
    answers.instrument,
    answers.round,
    answers.question_code,
    answers.choice_code,
    choices.label as choice_label,
    answers.value_text,
    answers.value_number,
    answers.value_date,
    answers.delivered_text,
    answers.source_row,
    answers.source_column
from {{ ref('stg_answers') }} as answers
inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
left join {{ ref('stg_choices') }} as choices
    on
        answers.instrument = choices.instrument
        and answers.round = choices.round
        and questions.list_name = choices.list_name
        and answers.choice_code = choices.choice_code
where not questions.is_personal
