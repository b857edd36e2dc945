-- Grain: one row a wave × cohort × grouping dimension × member × initiative (wave, cohort_code, dimension_code,
-- member_code, initiative_code): whether cities of the group may join it, none of them left out for being a Mission
-- City or none. Size classes and countries are what an initiative may exclude besides; where it names none, it
-- excludes none.
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
        wave,
        initiative_code,
        bool_or(question_code = 'eligible' and choice_code = 'mission_cities') as for_mission_cities,
        bool_or(question_code = 'eligible' and choice_code = 'other_cities') as for_others,
        bool_or(question_code = 'eligible_sizes') as restricts_sizes,
        bool_or(question_code = 'countries') as restricts_countries
    from facts
    group by wave, initiative_code
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

sized_groups as (
    select distinct
        dimension_code,
        member_code
    from size_classes
),

admitted as (
    select
        facts.wave,
        facts.initiative_code,
        size_classes.dimension_code,
        size_classes.member_code
    from facts
    inner join size_classes on facts.choice_code = size_classes.size_code
    where facts.question_code = 'eligible_sizes'
    union
    select
        facts.wave,
        facts.initiative_code,
        'region' as dimension_code,
        regions.choice_code as member_code
    from facts
    inner join {{ source('knowledge', 'choice_maps') }} as regions on facts.choice_code = regions.source_choice
    where facts.question_code = 'countries' and regions.choice_map = 'country_to_region'
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
    case
        when sized_groups.member_code is not null then not restrictions.restricts_sizes
        when groups.dimension_code = 'region' then not restrictions.restricts_countries
        else true
    end or admitted.member_code is not null as is_for_group
from {{ ref('int_group_missions') }} as groups
inner join restrictions using (wave)
inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
left join sized_groups using (dimension_code, member_code)
left join admitted
    on
        groups.wave = admitted.wave
        and restrictions.initiative_code = admitted.initiative_code
        and groups.dimension_code = admitted.dimension_code
        and groups.member_code = admitted.member_code
