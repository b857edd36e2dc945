-- Grain: one row a question of a round (instrument, round, question_code); a row of a matrix is a question.
select
    instrument,
    round,
    question_code,
    label,
    question_type,
    list_name,
    section,
    question_number,
    matrix,
    asked_if_question,
    position,
    is_personal
from {{ source('knowledge', 'questions') }}
