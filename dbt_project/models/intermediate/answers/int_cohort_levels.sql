-- Grain: one row a wave × cohort × city × rated item (wave, cohort_code, city_key, item_code), given answers only: the
-- level as printed, and the level of need.
select
    answers.wave,
    answers.cohort_code,
    answers.city_key,
    answers.item_code,
    levels.level,
    levels.need_level
from {{ ref('int_cohort_answers') }} as answers
inner join {{ ref('dim_item') }} as items using (item_code)
inner join {{ ref('int_choice_levels') }} as levels
    on answers.item_code = levels.item_code and answers.choice_code = levels.choice_code
where items.kind = 'single' and items.direction is not null and levels.level is not null
