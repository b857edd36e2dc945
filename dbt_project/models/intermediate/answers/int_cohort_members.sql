-- Grain: one row a wave × cohort × city (wave, cohort_code, city_key): the cities of the cohort's instrument that meet
-- all its conditions, each with the response that stands for it.
with conditions as (
    select
        cohort_code,
        item_code,
        choice_code,
        instrument
    from {{ source('knowledge', 'cohort_filters') }}
),

unmet as (
    select distinct
        candidates.wave,
        candidates.cohort_code,
        candidates.city_key
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join conditions using (cohort_code)
    left join {{ ref('int_cohort_answers') }} as answers
        on
            candidates.wave = answers.wave
            and candidates.cohort_code = answers.cohort_code
            and candidates.city_key = answers.city_key
            and conditions.item_code = answers.item_code
            and conditions.choice_code = answers.choice_code
    left join {{ ref('int_city_rounds') }} as rounds
        on
            candidates.wave = rounds.wave
            and candidates.city_key = rounds.city_key
            and conditions.instrument = rounds.instrument
    where
        (conditions.item_code is not null and answers.city_key is null)
        or (conditions.instrument is not null and rounds.city_key is null)
)

select
    candidates.wave,
    candidates.cohort_code,
    candidates.city_key,
    candidates.response_key
from {{ ref('int_cohort_candidates') }} as candidates
left join unmet using (wave, cohort_code, city_key)
where unmet.city_key is null
