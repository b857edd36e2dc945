-- Grain: one row a wave × cohort × scoring version × ambition × collaboration × size class
-- (wave, cohort_code, scoring_version, ambition_index, collaboration_index, size_class_code): Figure 31 without keys of
-- cities. A city that lacks an index has no point; it is in the group `missing` of gap_index_group.
with size_classes as (
    select
        wave,
        cohort_code,
        city_key,
        member_code as size_class_code
    from {{ ref('int_group_members') }}
    where dimension_code = 'size_class'
)

select
    members.wave,
    members.cohort_code,
    indices.scoring_version,
    scorings.is_default,
    indices.ambition_index,
    indices.collaboration_index,
    coalesce(size_classes.size_class_code, 'missing') as size_class_code,
    indices.group_code,
    count(*) as n
from {{ ref('int_cohort_members') }} as members
inner join {{ ref('fct_city_index') }} as indices using (response_key)
inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
left join size_classes
    on
        members.wave = size_classes.wave
        and members.cohort_code = size_classes.cohort_code
        and members.city_key = size_classes.city_key
where indices.group_code <> 'missing'
group by all
