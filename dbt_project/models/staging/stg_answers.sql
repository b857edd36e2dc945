-- Grain: one row a response × question × choice, given answers only (response_key, question_code, choice_code).
select
    {{ response_key('instrument', 'round', 'response_id') }} as response_key,
    instrument,
    round,
    question_code,
    choice_code,
    value_text,
    value_number,
    value_date
from {{ source('landing', 'answers') }}
