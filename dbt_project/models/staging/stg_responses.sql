-- Grain: one row a landed response (response_key).
select
    {{ response_key('instrument', 'round', 'response_id') }} as response_key,
    instrument,
    round,
    response_id,
    source_file,
    source_sheet,
    source_row,
    submitted_at,
    updated_at,
    language
from {{ source('landing', 'responses') }}
