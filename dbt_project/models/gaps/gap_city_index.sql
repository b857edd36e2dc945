-- Grain: one row a wave × cohort × scoring version × two of its indices with their values × size class (wave,
-- cohort_code, scoring_version, index_code, index_value, other_index_code, other_index_value, size_class_code,
-- group_code), of versions with groups: Figure 31 without keys of cities. A city that lacks an index has no point; it
-- is in the group `missing` of gap_index_group.
with size_classes as (
    select
        wave,
        cohort_code,
        city_key,
        member_code as size_class_code
    from {{ ref('int_group_members') }}
    where dimension_code = 'size_class'
),

indices as (
    select
        facts.response_key,
        facts.scoring_version,
        facts.index_code,
        facts.index_value,
        labels.label as index_label,
        labels.position
    from {{ ref('fct_city_index') }} as facts
    inner join {{ ref('dim_index') }} as labels using (index_code)
)

select
    members.wave,
    members.cohort_code,
    placements.scoring_version,
    scorings.is_default,
    indices.index_code,
    indices.index_label,
    indices.index_value,
    others.index_code as other_index_code,
    others.index_label as other_index_label,
    others.index_value as other_index_value,
    coalesce(size_classes.size_class_code, 'missing') as size_class_code,
    placements.group_code,
    count(*) as n
from {{ ref('int_cohort_members') }} as members
inner join {{ ref('fct_city_index_group') }} as placements using (response_key)
inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
inner join indices
    on placements.response_key = indices.response_key and placements.scoring_version = indices.scoring_version
inner join indices as others
    on
        placements.response_key = others.response_key
        and placements.scoring_version = others.scoring_version
        and indices.position < others.position
left join size_classes
    on
        members.wave = size_classes.wave
        and members.cohort_code = size_classes.cohort_code
        and members.city_key = size_classes.city_key
where placements.group_code <> 'missing'
group by all
