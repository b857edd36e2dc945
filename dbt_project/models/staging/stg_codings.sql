-- Grain: one row a code that a coder gave to an open answer
-- (response_key, question_code, coder, is_final, choice_code).
select
    {{ response_key('instrument', 'round', 'response_id') }} as response_key,
    instrument,
    round,
    question_code,
    choice_code,
    coder,
    coded_on,
    is_final,
    is_counted
from {{ source('knowledge', 'codings') }}
