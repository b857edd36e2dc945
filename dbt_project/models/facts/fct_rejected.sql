-- Grain: one row a rejected row or answer, with its place in the source.
select
    instrument,
    round,
    scope,
    response_key,
    question_code,
    source_file,
    source_sheet,
    source_row,
    source_column,
    reason_code,
    reason,
    raw
from {{ ref('stg_rejected') }}
