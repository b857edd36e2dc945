-- An item of a set without a direction, or without levels, could not be ranked: it would stand last for no reason.
{{ config(meta={'dagster': {'ref': {'name': 'dim_item'}}}) }}
select
    items.item_code,
    items.item_set,
    items.direction,
    count(choices.level) as levels_n
from {{ ref('dim_item') }} as items
inner join {{ ref('dim_choice') }} as choices using (item_code)
where items.item_set is not null
group by items.item_code, items.item_set, items.direction
having count(choices.level) < 2 or items.direction is null
