-- Grain: one row a choice of an item (item_code, choice_code) that is a level or one of a menu. The level as printed
-- and turned so that a high level is more need where the item's scale runs the other way (Figure 24: 1 is highly
-- valuable).
with scale_ends as (
    select
        item_code,
        min(level) + max(level) as ends_sum
    from {{ ref('dim_choice') }}
    group by item_code
)

select
    choices.item_code,
    choices.choice_code,
    choices.level,
    case items.direction
        when 'higher_is_more_need' then choices.level
        when 'lower_is_more_need' then scale_ends.ends_sum - choices.level
    end as need_level
from {{ ref('dim_choice') }} as choices
inner join {{ ref('dim_item') }} as items using (item_code)
inner join scale_ends using (item_code)
where choices.choice_kind = 'level'
