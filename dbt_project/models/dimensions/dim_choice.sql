-- Grain: one row an item × choice (item_code, choice_code); `answered` and `missing` are choices of every item.
with choices as (
    select
        items.item_code,
        scales.choice_code,
        scales.label,
        scales.position,
        scales.value as level,
        scales.group_label,
        'level' as choice_kind
    from {{ source('knowledge', 'items') }} as items
    inner join {{ source('knowledge', 'scales') }} as scales using (scale_code)
),

totals as (
    select
        item_code,
        'answered' as choice_code,
        'Answered' as label,
        98 as position,
        'answered' as choice_kind
    from {{ source('knowledge', 'items') }}
    union all
    select
        item_code,
        'missing' as choice_code,
        'Missing' as label,
        99 as position,
        'missing' as choice_kind
    from {{ source('knowledge', 'items') }}
)

select
    item_code,
    choice_code,
    label,
    position,
    level,
    group_label,
    choice_kind
from choices
union all
select
    item_code,
    choice_code,
    label,
    position,
    null as level,
    null as group_label,
    choice_kind
from totals
