-- Grain: one row a response that counts (response_key).
select
    response_key,
    instrument,
    round,
    response_id,
    landed_position,
    source_file,
    source_sheet,
    source_row,
    submitted_at,
    updated_at,
    language
from {{ ref('stg_submissions') }}
where standing = 'counted'
