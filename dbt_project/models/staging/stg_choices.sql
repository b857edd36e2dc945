-- Grain: one row a choice of a list of a round (instrument, round, list_name, choice_code).
select
    instrument,
    round,
    list_name,
    choice_code,
    label,
    position
from {{ source('knowledge', 'choices') }}
