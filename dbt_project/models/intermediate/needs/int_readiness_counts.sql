-- Grain: one row a wave × cohort × grouping dimension × member × scoring version × index × level
-- (wave, cohort_code, dimension_code, member_code, scoring_version, index_code, level_code): how many cities are there.
-- Not by merged classes: these are for the public release, which has no readiness.
with merged_dimensions as (
    select distinct merged_item_code
    from {{ source('knowledge', 'class_merges') }}
),

placed as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        readiness.scoring_version,
        readiness.index_code,
        readiness.level_code,
        count(*) as n
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('fct_city_readiness') }} as readiness using (wave, cohort_code, city_key)
    left join merged_dimensions on members.dimension_code = merged_dimensions.merged_item_code
    where merged_dimensions.merged_item_code is null
    group by all
),

bases as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        scoring_version,
        index_code,
        cast(sum(n) as bigint) as base_n
    from placed
    group by all
),

levels as (
    select
        index_code,
        level_code
    from {{ source('knowledge', 'readiness_levels') }}
    union
    select
        index_code,
        'missing' as level_code
    from {{ source('knowledge', 'readiness_levels') }}
)

select
    bases.wave,
    bases.cohort_code,
    bases.dimension_code,
    bases.member_code,
    bases.scoring_version,
    bases.index_code,
    levels.level_code,
    coalesce(placed.n, 0) as n,
    bases.base_n
from bases
inner join levels using (index_code)
left join placed
    using (wave, cohort_code, dimension_code, member_code, scoring_version, index_code, level_code)
