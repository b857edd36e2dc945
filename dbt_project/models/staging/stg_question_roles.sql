-- Grain: one row a role of a question of a round (instrument, round, question_code, role); most questions have none.
select
    instrument,
    round,
    question_code,
    {{ words('role') }} as role
from {{ source('knowledge', 'questions') }}
where role is not null
