-- Grain: one row a question of a round that is not personal (instrument, round, question_code).
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
    position
from {{ ref('stg_questions') }}
where not is_personal
