-- Grain: one row a wave × cohort × scoring version × group (wave, cohort_code, scoring_version, group_code).
-- The groups are those of the scoring, `other` off the diagonal and `missing` for cities that lack an index.
with placed as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        scorings.index_family,
        placements.scoring_version,
        placements.group_code
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('fct_city_index_group') }} as placements using (response_key)
    inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
),

bases as (
    select
        wave,
        cohort_code,
        index_family,
        scoring_version,
        count(*) as base_n
    from placed
    group by wave, cohort_code, index_family, scoring_version
),

scored_cohorts as (
    select
        wave,
        cohort_code,
        index_family,
        count(*) as scorings_n
    from bases
    group by wave, cohort_code, index_family
),

index_groups as (
    select distinct
        scoring_version,
        group_code,
        label as group_name,
        position
    from {{ source('knowledge', 'scoring_groups') }}
    union all
    select
        scoring_version,
        'other' as group_code,
        'Off the diagonal' as group_name,
        98 as position
    from {{ ref('dim_scoring') }}
    union all
    select
        scoring_version,
        'missing' as group_code,
        'Without an index' as group_name,
        99 as position
    from {{ ref('dim_scoring') }}
),

sizes as (
    select
        wave,
        cohort_code,
        scoring_version,
        group_code,
        count(*) as n
    from placed
    group by wave, cohort_code, scoring_version, group_code
),

groups_of_cities as (
    select
        wave,
        cohort_code,
        index_family,
        city_key,
        group_code,
        count(*) as scorings_n
    from placed
    group by wave, cohort_code, index_family, city_key, group_code
),

-- Cities that are in the same group in every version of the family that scores their cohort.
certain as (
    select
        cities.wave,
        cities.cohort_code,
        cities.index_family,
        cities.group_code,
        count(*) as certain_n
    from groups_of_cities as cities
    inner join scored_cohorts using (wave, cohort_code, index_family, scorings_n)
    group by cities.wave, cities.cohort_code, cities.index_family, cities.group_code
),

counted as (
    select
        bases.wave,
        bases.cohort_code,
        bases.index_family,
        bases.scoring_version,
        index_groups.group_code,
        index_groups.group_name,
        index_groups.position,
        bases.base_n,
        coalesce(sizes.n, 0) as n,
        coalesce(certain.certain_n, 0) as certain_n
    from bases
    inner join index_groups using (scoring_version)
    left join sizes using (wave, cohort_code, scoring_version, group_code)
    left join certain using (wave, cohort_code, index_family, group_code)
),

compared as (
    select
        wave,
        cohort_code,
        scoring_version,
        group_code,
        group_name,
        position,
        base_n,
        n,
        certain_n,
        min(n) over (partition by wave, cohort_code, index_family, group_code) as smallest_n,
        max(n) over (partition by wave, cohort_code, index_family, group_code) as largest_n
    from counted
)

select
    compared.wave,
    compared.cohort_code,
    compared.scoring_version,
    scorings.is_default,
    compared.group_code,
    compared.group_name,
    compared.position,
    compared.n,
    compared.base_n,
    {{ percent('compared.n', 'compared.base_n') }} as share_pct,
    compared.smallest_n,
    compared.largest_n,
    compared.smallest_n = compared.largest_n as is_certain,
    compared.certain_n
from compared
inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
