-- Grain: one row a wave × cohort × grouping dimension × member × initiative
-- (wave, cohort_code, dimension_code, member_code, initiative_code): whether cities of the group may join it, none of
-- them left out for being a Mission City or none. Size classes and countries are what an initiative may exclude besides; where
-- it names none, it excludes none.
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

-- A merged class admits whom one of its classes admits.
size_classes as (
    select
        'size_class' as dimension_code,
        choice_code as member_code,
        choice_code as size_code
    from {{ ref('dim_choice') }}
    where item_code = 'size_class'
    union all
    select
        merged_item_code as dimension_code,
        merged_choice_code as member_code,
        choice_code as size_code
    from {{ source('knowledge', 'class_merges') }}
    where item_code = 'size_class'
),

group_sizes as (
    select
        dimension_code,
        member_code,
        list(size_code) as sizes
    from size_classes
    group by dimension_code, member_code
)

select
    groups.wave,
    groups.cohort_code,
    groups.dimension_code,
    groups.member_code,
    initiatives.initiative_code,
    initiatives.takes_cities,
    (restrictions.for_mission_cities or not groups.has_mission_cities)
    and (restrictions.for_others or not groups.has_other_cities) as is_for_cohort,
    (
        restrictions.sizes is null
        or group_sizes.sizes is null
        or list_has_any(restrictions.sizes, group_sizes.sizes)
    )
    and (
        groups.dimension_code <> 'region'
        or restrictions.regions is null
        or list_contains(restrictions.regions, groups.member_code)
    ) as is_for_group
from {{ ref('int_group_missions') }} as groups
inner join restrictions using (wave)
inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
left join group_sizes using (dimension_code, member_code)
