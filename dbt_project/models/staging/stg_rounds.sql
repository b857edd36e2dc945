-- Grain: one row a round (instrument, round).
select
    instrument,
    round,
    title,
    producer,
    platform,
    licence,
    citation,
    fieldwork_start,
    fieldwork_end,
    expected_responses as expected_responses_n,
    is_synthetic,
    unit,
    is_confidential,
    split(complete_for, ' ') as complete_for
from {{ source('knowledge', 'rounds') }}
