-- Grain: one row a wave × cohort × city × grouping dimension (wave, cohort_code, city_key, dimension_code).
-- The dimension `all` has the one member `all`; a city without an answer is in the member `missing`.
with members as (
    select
        wave,
        cohort_code,
        city_key
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
    city_key,
    'all' as dimension_code,
    'all' as member_code
from members
union all
select
    members.wave,
    members.cohort_code,
    members.city_key,
    dimensions.dimension_code,
    coalesce(answers.choice_code, 'missing') as member_code
from members
inner join dimensions using (wave, cohort_code)
left join {{ ref('int_cohort_answers') }} as answers
    on
        members.wave = answers.wave
        and members.cohort_code = answers.cohort_code
        and members.city_key = answers.city_key
        and dimensions.dimension_code = answers.item_code
