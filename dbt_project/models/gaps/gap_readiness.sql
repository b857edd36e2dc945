-- Grain: one row a wave × cohort × grouping dimension × member × scoring version × index × level (wave, cohort_code,
-- dimension_code, member_code, scoring_version, index_code, level_code): of the cities of the group that were asked
-- every item of the version, those at the level; `missing` for cities without the index.
with levels as (
    select
        index_code,
        level_code,
        label,
        position
    from {{ source('knowledge', 'readiness_levels') }}
)

select
    counts.wave,
    counts.cohort_code,
    counts.dimension_code,
    counts.member_code,
    counts.scoring_version,
    scorings.is_default,
    counts.index_code,
    indices.label as index_label,
    counts.level_code,
    coalesce(levels.label, 'Without an index') as readiness_label,
    coalesce(levels.position, 99) as position,
    counts.n,
    counts.base_n,
    {{ percent('counts.n', 'counts.base_n') }} as share_pct,
    intervals.share_low_pct,
    intervals.share_high_pct
from {{ ref('int_readiness_counts') }} as counts
inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
inner join {{ ref('dim_index') }} as indices using (index_code)
left join levels using (index_code, level_code)
left join {{ ref('int_share_intervals') }} as intervals
    on counts.n = intervals.n and counts.base_n = intervals.base_n
