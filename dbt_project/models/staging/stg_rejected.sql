-- Grain: one row a rejected row or answer, in the order of the source.
select
    instrument,
    round,
    scope,
    {{ response_key('instrument', 'round', 'response_id') }} as response_key,
    question_code,
    source_file,
    source_sheet,
    source_row,
    source_column,
    reason_code,
    reason,
    raw
from {{ source('landing', 'rejected') }}
