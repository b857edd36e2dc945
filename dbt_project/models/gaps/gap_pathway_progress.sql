-- Grain: one row a wave × cohort × grouping dimension × member × pathway (wave, cohort_code, dimension_code,
-- member_code, pathway_code), of waves with a register of use: the cities on the pathway, how far they came, what they
-- still need, and the initiatives that take cities and address these needs.
with used_services as (
    select
        uses.wave,
        modules.pathway_code,
        string_agg(distinct services.label, '; ' order by services.label) as services
    from {{ ref('fct_service_use') }} as uses
    inner join {{ source('knowledge', 'service_modules') }} as modules using (module_code)
    inner join {{ ref('dim_service') }} as services on modules.service_code = services.service_code
    group by uses.wave, modules.pathway_code
),

progress as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        ways.pathway_code,
        count(*) filter (where ways.is_use) as active_n,
        count(*) filter (where ways.is_completed) as completed_n,
        count(*) filter (where ways.open_needs_n > 0) as open_cities_n,
        count(*) filter (where ways.asked_needs_n > 0) as asked_cities_n,
        cast(sum(ways.open_needs_n) as bigint) as open_needs_n
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('int_pathway_use') }} as ways using (wave, cohort_code, city_key)
    group by members.wave, members.cohort_code, members.dimension_code, members.member_code, ways.pathway_code
),

-- Of the needs in the focus of the pathway, those that the group has, and the initiatives for them.
fillers as (
    select
        eligibility.wave,
        eligibility.cohort_code,
        eligibility.dimension_code,
        eligibility.member_code,
        focus.pathway_code,
        count(distinct eligibility.initiative_code) as initiatives_n,
        string_agg(distinct initiatives.label, '; ' order by initiatives.label) as initiatives
    from {{ ref('int_initiative_eligibility') }} as eligibility
    inner join {{ source('knowledge', 'initiative_needs') }} using (initiative_code)
    inner join {{ source('knowledge', 'pathway_needs') }} as focus using (need_code)
    inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
    where eligibility.is_for_group and eligibility.is_for_cohort and eligibility.takes_cities
    group by
        eligibility.wave,
        eligibility.cohort_code,
        eligibility.dimension_code,
        eligibility.member_code,
        focus.pathway_code
)

select
    cube.wave,
    cube.cohort_code,
    cube.dimension_code,
    cube.member_code,
    cube.item_code,
    cube.choice_code as pathway_code,
    pathways.label as pathway_label,
    pathways.transition_steps,
    cube.n,
    cube.base_n,
    cube.share_pct,
    cube.share_low_pct,
    cube.share_high_pct,
    used_services.services,
    coalesce(progress.active_n, 0) as active_n,
    coalesce(progress.completed_n, 0) as completed_n,
    case when progress.asked_cities_n > 0 then progress.open_cities_n end as open_cities_n,
    case when progress.asked_cities_n > 0 then progress.asked_cities_n - progress.open_cities_n end as met_cities_n,
    progress.asked_cities_n,
    progress.open_needs_n,
    coalesce(fillers.initiatives_n, 0) as initiatives_n,
    fillers.initiatives
from {{ ref('gap_cube') }} as cube
inner join {{ ref('dim_pathway') }} as pathways on cube.choice_code = pathways.pathway_code
inner join used_services on cube.wave = used_services.wave and cube.choice_code = used_services.pathway_code
left join progress
    on
        cube.wave = progress.wave
        and cube.cohort_code = progress.cohort_code
        and cube.dimension_code = progress.dimension_code
        and cube.member_code = progress.member_code
        and cube.choice_code = progress.pathway_code
left join fillers
    on
        cube.wave = fillers.wave
        and cube.cohort_code = fillers.cohort_code
        and cube.dimension_code = fillers.dimension_code
        and cube.member_code = fillers.member_code
        and cube.choice_code = fillers.pathway_code
where
    cube.item_code in (
        select sources.item_code
        from {{ source('knowledge', 'item_sources') }} as sources
        where sources.choice_map = 'service_modules'
    )
