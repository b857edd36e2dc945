-- Grain: one row a wave × cohort × response × grouping dimension (wave, cohort_code, response_key, dimension_code).
-- The dimension `all` has the one member `all`; a response without an answer is in the member `missing`.
with members as (
    select
        wave,
        cohort_code,
        response_key
    from {{ ref('int_cohort_members') }}
),

dimensions as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        items.item_code as dimension_code
    from {{ ref('int_cohort_items') }} as cohort_items
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where items.is_dimension = 'yes'
)

select
    wave,
    cohort_code,
    response_key,
    'all' as dimension_code,
    'all' as member_code
from members
union all
select
    members.wave,
    members.cohort_code,
    members.response_key,
    dimensions.dimension_code,
    coalesce(answers.choice_code, 'missing') as member_code
from members
inner join dimensions using (wave, cohort_code)
left join {{ ref('int_item_answers') }} as answers
    on members.response_key = answers.response_key and dimensions.dimension_code = answers.item_code
