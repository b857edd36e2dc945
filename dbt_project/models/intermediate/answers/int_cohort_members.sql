-- Grain: one row a wave × cohort × response (wave, cohort_code, response_key).
with candidates as (
    select
        wave_rounds.wave,
        cohorts.cohort_code,
        responses.response_key
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ source('knowledge', 'cohorts') }} as cohorts using (instrument)
    inner join {{ ref('stg_responses') }} as responses
        on wave_rounds.instrument = responses.instrument and wave_rounds.round = responses.round
),

unmet_filters as (
    select
        candidates.wave,
        candidates.cohort_code,
        candidates.response_key
    from candidates
    inner join {{ source('knowledge', 'cohort_filters') }} as filters using (cohort_code)
    left join {{ ref('int_item_answers') }} as answers
        on
            candidates.response_key = answers.response_key
            and filters.item_code = answers.item_code
            and filters.choice_code = answers.choice_code
    where answers.response_key is null
)

select
    candidates.wave,
    candidates.cohort_code,
    candidates.response_key
from candidates
left join unmet_filters
    on
        candidates.wave = unmet_filters.wave
        and candidates.cohort_code = unmet_filters.cohort_code
        and candidates.response_key = unmet_filters.response_key
where unmet_filters.response_key is null
