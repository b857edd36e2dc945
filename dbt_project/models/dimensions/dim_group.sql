-- Grain: one row a group that cities can be counted by (dimension_code, member_code), in words: a class of an item that
-- tables can be grouped by, those without an answer, or all cities.
select
    items.item_code as dimension_code,
    choices.choice_code as member_code,
    items.label as dimension_label,
    choices.label as member_label,
    choices.position as member_position
from {{ ref('dim_item') }} as items
inner join {{ ref('dim_choice') }} as choices using (item_code)
where items.is_dimension and choices.choice_kind <> 'answered'
union all
select
    'all' as dimension_code,
    'all' as member_code,
    'All' as dimension_label,
    'All' as member_label,
    1 as member_position
