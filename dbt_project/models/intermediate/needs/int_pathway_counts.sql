-- Grain: one row a wave × cohort × grouping dimension × member × scoring version × pathway that a rule leads to
-- (wave, cohort_code, dimension_code, member_code, scoring_version, pathway_code): of the cities with a readiness, how
-- many it is recommended to, and to how many before all others.
-- Not by merged classes: these are for the public release, which has no readiness.
with merged_dimensions as (
    select distinct merged_item_code
    from {{ source('knowledge', 'class_merges') }}
),

bases as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        readiness.scoring_version,
        count(distinct members.city_key) as base_n
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('fct_city_readiness') }} as readiness using (wave, cohort_code, city_key)
    left join merged_dimensions on members.dimension_code = merged_dimensions.merged_item_code
    where merged_dimensions.merged_item_code is null
    group by all
),

rule_pathways as (
    select distinct pathway_code
    from {{ source('knowledge', 'pathway_rules') }}
),

recommended as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        pathways.scoring_version,
        pathways.pathway_code,
        count(*) as n,
        count(*) filter (where pathways.pathway_rank = 1) as first_n
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('fct_city_pathway') }} as pathways using (wave, cohort_code, city_key)
    group by all
)

select
    bases.wave,
    bases.cohort_code,
    bases.dimension_code,
    bases.member_code,
    bases.scoring_version,
    rule_pathways.pathway_code,
    coalesce(recommended.n, 0) as n,
    coalesce(recommended.first_n, 0) as first_n,
    bases.base_n
from bases
cross join rule_pathways
left join recommended
    using (wave, cohort_code, dimension_code, member_code, scoring_version, pathway_code)
