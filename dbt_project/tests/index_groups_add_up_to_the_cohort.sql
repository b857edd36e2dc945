-- Every member of a scored cohort is in one group of each version, and every member with all indices is a point of
-- the scatter of any two.
{{ config(meta={'dagster': {'ref': {'name': 'gap_index_group'}}}) }}
with members as (
    select
        wave,
        cohort_code,
        count(*) as members_n
    from {{ ref('int_cohort_members') }}
    group by wave, cohort_code
),

index_groups as (
    select
        wave,
        cohort_code,
        scoring_version,
        sum(n) as grouped_n,
        sum(n) filter (where group_code <> 'missing') as placed_n,
        max(base_n) as base_n
    from {{ ref('gap_index_group') }}
    group by wave, cohort_code, scoring_version
),

scatters as (
    select
        wave,
        cohort_code,
        scoring_version,
        index_code,
        other_index_code,
        sum(n) as points_n
    from {{ ref('gap_city_index') }}
    group by wave, cohort_code, scoring_version, index_code, other_index_code
)

select
    index_groups.wave,
    index_groups.cohort_code,
    index_groups.scoring_version,
    members.members_n,
    index_groups.grouped_n,
    scatters.points_n
from index_groups
inner join members using (wave, cohort_code)
left join scatters using (wave, cohort_code, scoring_version)
where
    index_groups.grouped_n <> members.members_n
    or index_groups.base_n <> members.members_n
    or index_groups.placed_n <> coalesce(scatters.points_n, 0)
