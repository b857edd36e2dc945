-- Grain: one row a wave × cohort × list of needs × set of its needs that a response states
-- (wave, cohort_code, asked_codes, stated_codes): how many responses state just these. A list is the needs that were
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

responses as (
    select
        members.wave,
        members.cohort_code,
        evidence.scale_code,
        members.response_key,
        coalesce({{ joined_codes('case when scores.is_need then scores.need_code end') }}, '') as stated_codes
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('fct_need_score') }} as scores using (response_key)
    inner join {{ ref('int_need_evidence') }} as evidence using (wave, cohort_code, need_code)
    group by members.wave, members.cohort_code, evidence.scale_code, members.response_key
)

select
    responses.wave,
    responses.cohort_code,
    cohorts.is_census,
    lists.asked_codes,
    responses.stated_codes,
    count(*) as n
from responses
inner join lists using (wave, cohort_code, scale_code)
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
group by responses.wave, responses.cohort_code, cohorts.is_census, lists.asked_codes, responses.stated_codes
