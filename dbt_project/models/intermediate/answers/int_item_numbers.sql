-- Grain: one row a response × number item (response_key, item_code): a number given, or the number of choices chosen.
with numbers as (
    select
        answers.response_key,
        item_sources.item_code,
        answers.value_number
    from {{ source('knowledge', 'item_sources') }} as item_sources
    inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
    where
        item_sources.method = 'number'
        and answers.value_number is not null
        and coalesce(item_sources.pick, '') <> 'none'
),

counts as (
    select
        answers.response_key,
        item_sources.item_code,
        cast(count(*) filter (where choice_maps.choice_code = 'yes') as double) as value_number
    from {{ source('knowledge', 'item_sources') }} as item_sources
    inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
    inner join {{ source('knowledge', 'choice_maps') }} as choice_maps
        on item_sources.choice_map = choice_maps.choice_map and answers.choice_code = choice_maps.source_choice
    where item_sources.method = 'count' and coalesce(item_sources.pick, '') <> 'none'
    group by answers.response_key, item_sources.item_code
)

select
    response_key,
    item_code,
    value_number
from numbers
union all
select
    response_key,
    item_code,
    value_number
from counts
union all
-- Each record that answers counts for one.
select distinct
    answers.response_key,
    item_sources.item_code,
    cast(1 as double) as value_number
from {{ source('knowledge', 'item_sources') }} as item_sources
inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
where item_sources.method = 'answered' and item_sources.pick = 'count'
