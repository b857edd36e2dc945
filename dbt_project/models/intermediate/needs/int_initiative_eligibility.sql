-- Grain: one row a wave × cohort × grouping dimension × member × initiative
-- (wave, cohort_code, dimension_code, member_code, initiative_code): whether cities of the group may join it. Mission Cities
-- only, size classes and countries are what an initiative may exclude; where it names none, it excludes none.
with facts as (
    select
        wave,
        initiative_code,
        question_code,
        choice_code
    from {{ ref('int_initiative_facts') }}
    where choice_code is not null
),

restrictions as (
    select
        facts.wave,
        facts.initiative_code,
        bool_or(facts.question_code = 'eligible' and facts.choice_code = 'mission_cities') as for_mission_cities,
        bool_or(facts.question_code = 'eligible' and facts.choice_code = 'other_cities') as for_others,
        list(facts.choice_code) filter (where facts.question_code = 'eligible_sizes') as sizes,
        list(regions.choice_code) filter (where facts.question_code = 'countries') as regions
    from facts
    left join {{ source('knowledge', 'choice_maps') }} as regions
        on
            facts.question_code = 'countries'
            and regions.choice_map = 'country_to_region'
            and facts.choice_code = regions.source_choice
    group by facts.wave, facts.initiative_code
),

groups as (
    select distinct
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        cohorts.mission_cities <> 'none' as has_mission_cities,
        cohorts.mission_cities <> 'all' as has_others
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
)

select
    groups.wave,
    groups.cohort_code,
    groups.dimension_code,
    groups.member_code,
    initiatives.initiative_code,
    initiatives.takes_cities,
    (restrictions.for_mission_cities and groups.has_mission_cities)
    or (restrictions.for_others and groups.has_others) as is_for_cohort,
    (
        groups.dimension_code <> 'size_class'
        or restrictions.sizes is null
        or list_contains(restrictions.sizes, groups.member_code)
    )
    and (
        groups.dimension_code <> 'region'
        or restrictions.regions is null
        or list_contains(restrictions.regions, groups.member_code)
    ) as is_for_group
from groups
inner join restrictions using (wave)
inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
