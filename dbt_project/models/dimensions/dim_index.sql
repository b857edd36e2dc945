-- Grain: one row an index of cities (index_code).
select
    index_code,
    label,
    index_family,
    position
from {{ source('knowledge', 'indices') }}
