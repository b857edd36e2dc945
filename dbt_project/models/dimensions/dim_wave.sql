-- Grain: one row a yearly report wave (wave).
select
    wave,
    label,
    report,
    status,
    report_year
from {{ source('knowledge', 'waves') }}
