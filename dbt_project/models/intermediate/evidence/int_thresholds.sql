-- Grain: one row a limit of a verdict (threshold_code).
select
    threshold_code,
    value
from {{ source('knowledge', 'thresholds') }}
