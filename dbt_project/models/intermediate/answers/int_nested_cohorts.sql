-- Grain: one row a pair of cohorts of an instrument and wave of which the outer holds every city of the inner
-- (wave, outer_cohort_code, inner_cohort_code): the inner one's answers are some of the outer one's. Cohorts of two
-- instruments count the same cities by different answers.
with sizes as (
    select
        wave,
        cohort_code,
        count(*) as members_n
    from {{ ref('int_cohort_members') }}
    group by wave, cohort_code
),

shared as (
    select
        outer_members.wave,
        outer_members.cohort_code as outer_cohort_code,
        inner_members.cohort_code as inner_cohort_code,
        count(*) as shared_n
    from {{ ref('int_cohort_members') }} as outer_members
    inner join {{ ref('int_cohort_members') }} as inner_members using (wave, city_key)
    inner join {{ source('knowledge', 'cohorts') }} as outer_cohorts
        on outer_members.cohort_code = outer_cohorts.cohort_code
    inner join {{ source('knowledge', 'cohorts') }} as inner_cohorts
        on inner_members.cohort_code = inner_cohorts.cohort_code and outer_cohorts.instrument = inner_cohorts.instrument
    where outer_members.cohort_code <> inner_members.cohort_code
    group by outer_members.wave, outer_members.cohort_code, inner_members.cohort_code
)

select
    shared.wave,
    shared.outer_cohort_code,
    shared.inner_cohort_code
from shared
inner join sizes as inner_sizes
    on shared.wave = inner_sizes.wave and shared.inner_cohort_code = inner_sizes.cohort_code
inner join sizes as outer_sizes
    on shared.wave = outer_sizes.wave and shared.outer_cohort_code = outer_sizes.cohort_code
where shared.shared_n = inner_sizes.members_n and inner_sizes.members_n < outer_sizes.members_n
