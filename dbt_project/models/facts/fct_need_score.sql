-- Grain: one row a wave × cohort × city × need whose evidence the city was asked for
-- (wave, cohort_code, city_key, need_code).
with evidence as (
    select
        need_code,
        item_code,
        choice_code,
        coalesce(is_chosen, 'yes') = 'yes' as is_chosen
    from {{ source('knowledge', 'need_evidence') }}
),

evidence_items as (
    select
        need_code,
        item_code,
        bool_and(is_chosen) as is_chosen
    from evidence
    group by need_code, item_code
),

asked as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        evidence_items.need_code,
        evidence_items.item_code,
        evidence_items.is_chosen
    from evidence_items
    inner join {{ ref('int_cohort_items') }} as items using (item_code)
    inner join {{ ref('int_cohort_members') }} as members using (wave, cohort_code)
    left join {{ ref('int_cohort_asked') }} as asked_cities using (wave, cohort_code, city_key, item_code)
    where items.is_asked_of_all or asked_cities.city_key is not null
),

-- A need is stated by a choice that is chosen, or by none of the choices being chosen where the item was answered.
read_answers as (
    select
        asked.wave,
        asked.cohort_code,
        asked.city_key,
        asked.need_code,
        asked.item_code,
        asked.is_chosen,
        count(answers.choice_code) > 0 as is_answered,
        count(evidence.choice_code) > 0 as has_choice
    from asked
    left join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key, item_code)
    left join evidence
        on
            asked.need_code = evidence.need_code
            and answers.item_code = evidence.item_code
            and answers.choice_code = evidence.choice_code
    group by asked.wave, asked.cohort_code, asked.city_key, asked.need_code, asked.item_code, asked.is_chosen
)

select
    read_answers.wave,
    read_answers.cohort_code,
    read_answers.city_key,
    read_answers.need_code,
    max(levels.need_level) as need_level,
    bool_or(read_answers.is_answered and read_answers.has_choice = read_answers.is_chosen) as is_need,
    bool_or(read_answers.is_answered) as is_answered
from read_answers
left join {{ ref('int_cohort_levels') }} as levels using (wave, cohort_code, city_key, item_code)
group by read_answers.wave, read_answers.cohort_code, read_answers.city_key, read_answers.need_code
