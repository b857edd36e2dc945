-- Grain: one row a response × question × choice, given answers of counted responses only
-- (response_key, question_code, choice_code).
with answers as (
    select
        {{ response_key('instrument', 'round', 'response_id') }} as response_key,
        instrument,
        round,
        question_code,
        choice_code,
        value_text,
        value_number,
        value_date,
        source_text as delivered_text,
        source_row,
        source_column
    from {{ source('landing', 'answers') }}
)

select
    answers.response_key,
    answers.instrument,
    answers.round,
    answers.question_code,
    answers.choice_code,
    answers.value_text,
    answers.value_number,
    answers.value_date,
    answers.delivered_text,
    answers.source_row,
    answers.source_column
from answers
inner join {{ ref('stg_responses') }} using (response_key)
