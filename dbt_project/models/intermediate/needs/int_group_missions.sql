-- Grain: one row a wave × cohort × grouping dimension × member (wave, cohort_code, dimension_code, member_code) of the groups
-- that coverage is told for: whether Mission Cities are in it, and others. A city that no round calls one is none.
with grouping_dimensions (dimension_code) as (
    values ('all'), ('size_class'), ('region'), ('target_status')
    union all
    select distinct merged_item_code
    from {{ source('knowledge', 'class_merges') }}
    where item_code in ('size_class', 'region', 'target_status')
),

mission_cities as (
    select distinct
        wave,
        city_key
    from {{ ref('int_city_items') }}
    where item_code = 'mission_city' and choice_code = 'yes'
)

select
    members.wave,
    members.cohort_code,
    members.dimension_code,
    members.member_code,
    bool_or(mission_cities.city_key is not null) as has_mission_cities,
    bool_or(mission_cities.city_key is null) as has_other_cities
from {{ ref('int_group_members') }} as members
inner join grouping_dimensions using (dimension_code)
left join mission_cities on members.wave = mission_cities.wave and members.city_key = mission_cities.city_key
group by members.wave, members.cohort_code, members.dimension_code, members.member_code
