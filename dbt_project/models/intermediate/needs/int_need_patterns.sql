-- Grain: one row a wave × cohort × list of needs × set of its needs that a city states
-- (wave, cohort_code, asked_codes, stated_codes): how many cities state just these. A list is the needs that were
-- asked on one scale. Beyond the counts of each need it says how they go together, which a resample of cities needs.
with lists as (
    select
        wave,
        cohort_code,
        scale_code,
        {{ joined_codes('need_code') }} as asked_codes
    from {{ ref('int_need_evidence') }}
    group by wave, cohort_code, scale_code
),

cities as (
    select
        scores.wave,
        scores.cohort_code,
        evidence.scale_code,
        scores.city_key,
        coalesce({{ joined_codes('case when scores.is_need then scores.need_code end') }}, '') as stated_codes
    from {{ ref('fct_need_score') }} as scores
    inner join {{ ref('int_need_evidence') }} as evidence using (wave, cohort_code, need_code)
    group by scores.wave, scores.cohort_code, evidence.scale_code, scores.city_key
)

select
    cities.wave,
    cities.cohort_code,
    cohorts.is_census,
    lists.asked_codes,
    cities.stated_codes,
    count(*) as n
from cities
inner join lists using (wave, cohort_code, scale_code)
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
group by cities.wave, cities.cohort_code, cohorts.is_census, lists.asked_codes, cities.stated_codes
