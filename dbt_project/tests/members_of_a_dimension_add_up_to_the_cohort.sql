-- The groups of every dimension together are the cohort: no city is lost or counted twice.
{{ config(meta={'dagster': {'ref': {'name': 'int_group_members'}}}) }}
with groups as (
    select
        wave,
        cohort_code,
        dimension_code,
        count(*) as members_n
    from {{ ref('int_group_members') }}
    group by wave, cohort_code, dimension_code
)

select
    groups.wave,
    groups.cohort_code,
    groups.dimension_code,
    groups.members_n,
    cohorts.members_n as cohort_n
from groups
inner join groups as cohorts
    on groups.wave = cohorts.wave and groups.cohort_code = cohorts.cohort_code and cohorts.dimension_code = 'all'
where groups.members_n <> cohorts.members_n
