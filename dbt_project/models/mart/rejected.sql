-- Grain: one row a row or an answer that was rejected, with its place and the reason.
select
    rejected.instrument,
    rejected.round,
    rejected.scope,
    rejected.question_code,
    questions.label as question_label,
    rejected.reason_code,
    rejected.reason,
    rejected.raw,
    rejected.source_file,
    rejected.source_sheet,
    rejected.source_row,
    rejected.source_column,
    rejected.response_key
from {{ ref('fct_rejected') }} as rejected
left join {{ ref('dim_question') }} as questions using (instrument, round, question_code)
