-- Grain: one row a wave × cohort × city × initiative that it takes part in by a register
-- (wave, cohort_code, city_key, initiative_code).
select distinct
    answers.wave,
    answers.cohort_code,
    answers.city_key,
    answers.choice_code as initiative_code
from {{ ref('int_cohort_answers') }} as answers
inner join {{ source('knowledge', 'initiative_items') }} as items using (item_code)
inner join {{ ref('int_cohort_members') }} as members using (wave, cohort_code, city_key)
inner join {{ ref('dim_initiative') }} as initiatives
    on answers.wave = initiatives.wave and answers.choice_code = initiatives.initiative_code
where items.attribute = 'initiative'
