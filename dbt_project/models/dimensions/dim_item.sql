-- Grain: one row an item (item_code).
with needs_of_items as (
    select
        item_code,
        min(need_code) as need_code
    from {{ source('knowledge', 'need_evidence') }}
    group by item_code
    having count(distinct need_code) = 1
)

select
    items.item_code,
    items.label,
    {{ slug('items.label') }} as slug,
    items.kind,
    items.scale_code,
    items.theme_code,
    items.item_set,
    needs_of_items.need_code,
    items.direction,
    items.is_dimension = 'yes' as is_dimension,
    items.base_rule
from {{ source('knowledge', 'items') }} as items
left join needs_of_items using (item_code)
