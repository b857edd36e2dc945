-- Grain: one row a response × scoring version (response_key, scoring_version), for responses of rounds that asked every
-- item of the version.
with weighted as (
    select
        response_key,
        scoring_version,
        index_code,
        is_missing,
        points * weight as weighted_points,
        case when points is not null then weight end as counted_weight
    from {{ ref('int_city_index_component') }}
),

sums as (
    select
        response_key,
        scoring_version,
        count(*) as components_n,
        count(*) filter (where not is_missing) as components_answered_n,
        sum(weighted_points) filter (where index_code = 'ambition') as ambition_points,
        sum(counted_weight) filter (where index_code = 'ambition') as ambition_weight,
        sum(weighted_points) filter (where index_code = 'collaboration') as collaboration_points,
        sum(counted_weight) filter (where index_code = 'collaboration') as collaboration_weight
    from weighted
    group by response_key, scoring_version
),

indices as (
    select
        response_key,
        scoring_version,
        components_n,
        components_answered_n,
        {{ percent('ambition_points', 'ambition_weight') }} as ambition_index,
        {{ percent('collaboration_points', 'collaboration_weight') }} as collaboration_index
    from sums
),

-- A group without a range of an index takes every value of it.
group_ranges as (
    select
        scoring_version,
        group_code,
        max(lower_inclusive) filter (where index_code = 'ambition') as ambition_from,
        max(upper_exclusive) filter (where index_code = 'ambition') as ambition_below,
        max(lower_inclusive) filter (where index_code = 'collaboration') as collaboration_from,
        max(upper_exclusive) filter (where index_code = 'collaboration') as collaboration_below
    from {{ source('knowledge', 'scoring_groups') }}
    group by scoring_version, group_code
)

select
    indices.response_key,
    indices.scoring_version,
    indices.ambition_index,
    indices.collaboration_index,
    indices.components_n,
    indices.components_answered_n,
    case
        when indices.ambition_index is null or indices.collaboration_index is null then 'missing'
        else coalesce(group_ranges.group_code, 'other')
    end as group_code
from indices
left join group_ranges
    on
        indices.scoring_version = group_ranges.scoring_version
        and indices.ambition_index >= coalesce(group_ranges.ambition_from, 0)
        and indices.ambition_index < coalesce(group_ranges.ambition_below, cast('infinity' as double))
        and indices.collaboration_index >= coalesce(group_ranges.collaboration_from, 0)
        and indices.collaboration_index < coalesce(group_ranges.collaboration_below, cast('infinity' as double))
