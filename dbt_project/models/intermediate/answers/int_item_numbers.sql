-- Grain: one row a response × number item (response_key, item_code): a number given, or the number of choices chosen.
with numbers as (
    select
        response_key,
        item_code,
        value_number
    from {{ ref('int_source_answers') }}
    where method = 'number' and value_number is not null
),

counts as (
    select
        answers.response_key,
        answers.item_code,
        cast(count(*) filter (where choice_maps.choice_code = 'yes') as double) as value_number
    from {{ ref('int_source_answers') }} as answers
    inner join {{ ref('int_choice_maps') }} as choice_maps
        on answers.choice_map = choice_maps.choice_map and answers.choice_code = choice_maps.source_choice
    where answers.method = 'count'
    group by answers.response_key, answers.item_code
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
    response_key,
    item_code,
    cast(1 as double) as value_number
from {{ ref('int_source_answers') }}
where method = 'answered' and pick = 'count'
