-- Grain: one row an item (item_code).
select
    item_code,
    label,
    kind,
    scale_code,
    theme_code,
    item_set,
    direction,
    is_dimension = 'yes' as is_dimension,
    base_rule
from {{ source('knowledge', 'items') }}
