-- Grain: one row a landed response (response_key), counted or not.
select
    response_key,
    instrument,
    round,
    response_id,
    respondent_id,
    submission_status,
    standing,
    superseded_by,
    landed_position,
    submitted_at,
    updated_at,
    language,
    source_file,
    source_sheet,
    source_row
from {{ ref('stg_submissions') }}
