-- Grain: one row a wave × cohort × city × thing that cities say and a register tells (wave, cohort_code, city_key, item_code,
-- choice_code, register_item_code, register_choice_code), of cities that answered and that the register covers.
with answered as (
    select distinct
        answers.wave,
        answers.cohort_code,
        answers.city_key,
        answers.item_code
    from {{ ref('int_cohort_answers') }} as answers
    inner join {{ ref('int_cohort_members') }} as members using (wave, cohort_code, city_key)
)

select
    own.wave,
    own.cohort_code,
    own.city_key,
    pairs.item_code,
    pairs.choice_code,
    pairs.register_item_code,
    pairs.register_choice_code,
    said.city_key is not null as says_yes,
    listed.city_key is not null as is_listed
from {{ source('knowledge', 'self_reports') }} as pairs
inner join answered as own using (item_code)
inner join answered as covered
    on
        own.wave = covered.wave
        and own.cohort_code = covered.cohort_code
        and own.city_key = covered.city_key
        and pairs.register_item_code = covered.item_code
left join {{ ref('int_cohort_answers') }} as said
    on
        own.wave = said.wave
        and own.cohort_code = said.cohort_code
        and own.city_key = said.city_key
        and pairs.item_code = said.item_code
        and pairs.choice_code = said.choice_code
left join {{ ref('int_cohort_answers') }} as listed
    on
        own.wave = listed.wave
        and own.cohort_code = listed.cohort_code
        and own.city_key = listed.city_key
        and pairs.register_item_code = listed.item_code
        and pairs.register_choice_code = listed.choice_code
