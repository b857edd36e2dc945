-- Grain: one row a wave × cohort × city × scoring version × index with levels (wave, cohort_code, city_key,
-- scoring_version, index_code): the level that the index of the city reaches, `missing` where it has none.
with levels as (
    select
        index_code,
        level_code,
        lower_bound,
        lead(lower_bound) over (
            partition by index_code
            order by lower_bound
        ) as next_bound
    from {{ source('knowledge', 'readiness_levels') }}
),

levelled_indices as (
    select distinct index_code
    from levels
)

select
    members.wave,
    members.cohort_code,
    members.city_key,
    indices.scoring_version,
    indices.index_code,
    indices.index_value,
    coalesce(levels.level_code, 'missing') as level_code
from {{ ref('int_cohort_members') }} as members
inner join {{ ref('fct_city_index') }} as indices using (response_key)
inner join levelled_indices using (index_code)
left join levels
    on
        indices.index_code = levels.index_code
        and indices.index_value >= levels.lower_bound
        and (levels.next_bound is null or indices.index_value < levels.next_bound)
