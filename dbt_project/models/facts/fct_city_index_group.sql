-- Grain: one row a response × scoring version that has groups (response_key, scoring_version): the group by its
-- indices.
with ranges as (
    select
        scoring_version,
        group_code,
        index_code,
        lower_inclusive,
        coalesce(upper_exclusive, cast('infinity' as double)) as upper_exclusive
    from {{ source('knowledge', 'scoring_groups') }}
),

range_counts as (
    select
        scoring_version,
        group_code,
        count(*) as ranges_n
    from ranges
    group by scoring_version, group_code
),

met_ranges as (
    select
        indices.response_key,
        indices.scoring_version,
        ranges.group_code,
        count(*) as ranges_n
    from {{ ref('fct_city_index') }} as indices
    inner join ranges using (scoring_version, index_code)
    where indices.index_value >= ranges.lower_inclusive and indices.index_value < ranges.upper_exclusive
    group by indices.response_key, indices.scoring_version, ranges.group_code
),

-- A group without a range of an index takes every value of it.
placed as (
    select
        met_ranges.response_key,
        met_ranges.scoring_version,
        met_ranges.group_code
    from met_ranges
    inner join range_counts using (scoring_version, group_code, ranges_n)
),

scored as (
    select
        indices.response_key,
        indices.scoring_version,
        count(*) = count(indices.index_value) as has_all_indices
    from {{ ref('fct_city_index') }} as indices
    where indices.scoring_version in (select ranges.scoring_version from ranges)
    group by indices.response_key, indices.scoring_version
)

select
    scored.response_key,
    scored.scoring_version,
    case when scored.has_all_indices then coalesce(placed.group_code, 'other') else 'missing' end as group_code
from scored
left join placed using (response_key, scoring_version)
