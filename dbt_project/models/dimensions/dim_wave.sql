-- Grain: one row a yearly report wave (wave).
select
    wave,
    label,
    report,
    status,
    report_year,
    base_wave
from {{ source('knowledge', 'waves') }}
