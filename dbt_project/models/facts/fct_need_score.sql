-- Grain: one row a response × need whose evidence the round asked for (response_key, need_code).
with asked as (
    select distinct
        evidence.need_code,
        item_sources.item_code,
        item_sources.instrument,
        item_sources.round
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join {{ source('knowledge', 'item_sources') }} as item_sources using (item_code)
),

scale_ends as (
    select
        item_code,
        min(level) + max(level) as ends_sum
    from {{ ref('dim_choice') }}
    group by item_code
),

scored as (
    select
        responses.response_key,
        asked.need_code,
        answers.choice_code,
        case items.direction
            when 'higher_is_more_need' then choices.level
            when 'lower_is_more_need' then scale_ends.ends_sum - choices.level
        end as need_level,
        evidence.choice_code is not null as is_stated
    from asked
    inner join {{ ref('stg_responses') }} as responses using (instrument, round)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join scale_ends using (item_code)
    left join {{ ref('int_item_answers') }} as answers
        on responses.response_key = answers.response_key and asked.item_code = answers.item_code
    left join {{ ref('dim_choice') }} as choices
        on answers.item_code = choices.item_code and answers.choice_code = choices.choice_code
    left join {{ source('knowledge', 'need_evidence') }} as evidence
        on
            asked.need_code = evidence.need_code
            and answers.item_code = evidence.item_code
            and answers.choice_code = evidence.choice_code
)

select
    response_key,
    need_code,
    max(need_level) as need_level,
    bool_or(is_stated) as is_need,
    bool_or(choice_code is not null) as is_answered
from scored
group by response_key, need_code
