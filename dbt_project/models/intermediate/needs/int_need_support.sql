-- Grain: one row a wave × cohort × city × need whose evidence the city was asked for, of cities whose initiatives a register
-- tells (wave, cohort_code, city_key, need_code): whether it takes part in an initiative that addresses the need.
with known as (
    select distinct
        answers.wave,
        answers.cohort_code,
        answers.city_key
    from {{ ref('int_cohort_answers') }} as answers
    inner join {{ source('knowledge', 'initiative_items') }} as items using (item_code)
    where items.attribute = 'initiative'
),

supported as (
    select distinct
        own.wave,
        own.cohort_code,
        own.city_key,
        links.need_code
    from {{ ref('int_city_initiatives') }} as own
    inner join {{ source('knowledge', 'initiative_needs') }} as links using (initiative_code)
)

select
    scores.wave,
    scores.cohort_code,
    scores.city_key,
    scores.need_code,
    scores.is_need,
    supported.city_key is not null as has_support
from {{ ref('fct_need_score') }} as scores
inner join known using (wave, cohort_code, city_key)
left join supported using (wave, cohort_code, city_key, need_code)
