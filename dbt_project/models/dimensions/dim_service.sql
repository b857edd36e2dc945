-- Grain: one row a service for cities (service_code).
select
    service_code,
    label,
    purpose,
    owner,
    channel,
    format,
    audience,
    selection_rule,
    capacity_limit,
    line,
    position
from {{ source('knowledge', 'services') }}
