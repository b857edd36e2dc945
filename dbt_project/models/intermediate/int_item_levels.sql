-- Grain: one row a response × rated item (response_key, item_code), given answers only. The level as printed and
-- turned so that a high level is more need where the item's scale runs the other way (Figure 24: 1 is highly valuable).
with scale_ends as (
    select
        item_code,
        min(level) + max(level) as ends_sum
    from {{ ref('dim_choice') }}
    group by item_code
)

select
    answers.response_key,
    answers.item_code,
    choices.level,
    case items.direction
        when 'higher_is_more_need' then choices.level
        when 'lower_is_more_need' then scale_ends.ends_sum - choices.level
    end as need_level
from {{ ref('int_item_answers') }} as answers
inner join {{ ref('dim_item') }} as items using (item_code)
inner join scale_ends using (item_code)
inner join {{ ref('dim_choice') }} as choices
    on answers.item_code = choices.item_code and answers.choice_code = choices.choice_code
where items.kind = 'single' and items.direction is not null and choices.level is not null
