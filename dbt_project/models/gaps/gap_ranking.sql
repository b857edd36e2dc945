-- Grain: one row a wave × cohort × item set × measure × item × grouping dimension × member
-- (wave, cohort_code, item_set, ranking_measure, item_code, dimension_code, member_code). Levels are those of need.
with ranked_items as (
    select
        item_code,
        item_set,
        label as item_label
    from {{ ref('dim_item') }}
    where item_set is not null
),

-- Whoever was asked is in one group of a dimension; a level that is null is no level of need.
asked as (
    select
        counts.wave,
        counts.cohort_code,
        ranked_items.item_set,
        counts.item_code,
        ranked_items.item_label,
        counts.dimension_code,
        counts.member_code,
        counts.base_n as members_n
    from {{ ref('int_cube_counts') }} as counts
    inner join ranked_items using (item_code)
    where counts.choice_kind = 'missing' and counts.base_n > 0
),

levels as (
    select
        counts.wave,
        counts.cohort_code,
        counts.item_code,
        counts.dimension_code,
        counts.member_code,
        counts.n,
        levels.need_level
    from {{ ref('int_cube_counts') }} as counts
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('int_choice_levels') }} as levels using (item_code, choice_code)
    where items.kind = 'single' and levels.need_level is not null
),

rated as (
    select
        asked.wave,
        asked.cohort_code,
        asked.item_set,
        asked.item_code,
        asked.item_label,
        asked.dimension_code,
        asked.member_code,
        asked.members_n,
        cast(coalesce(sum(levels.n), 0) as bigint) as answered_n,
        cast(coalesce(sum(levels.n) filter (
            where levels.need_level >= 4
        ), 0) as bigint) as levels_4_5_n,
        cast(coalesce(sum(levels.n) filter (
            where levels.need_level >= 5
        ), 0) as bigint) as level_5_n,
        round(cast(sum(levels.n * levels.need_level) as double) / nullif(sum(levels.n), 0), 4) as mean_need_level
    from asked
    left join levels using (wave, cohort_code, item_code, dimension_code, member_code)
    group by all
),

measured as (
    select
        wave,
        cohort_code,
        item_set,
        'levels_4_5' as ranking_measure,
        4 as least_need_level,
        item_code,
        item_label,
        dimension_code,
        member_code,
        levels_4_5_n as n,
        members_n as base_n,
        answered_n,
        {{ percent('levels_4_5_n', 'members_n') }} as ranked_value
    from rated
    union all
    select
        wave,
        cohort_code,
        item_set,
        'level_5' as ranking_measure,
        5 as least_need_level,
        item_code,
        item_label,
        dimension_code,
        member_code,
        level_5_n as n,
        members_n as base_n,
        answered_n,
        {{ percent('level_5_n', 'members_n') }} as ranked_value
    from rated
    union all
    select
        wave,
        cohort_code,
        item_set,
        'mean' as ranking_measure,
        1 as least_need_level,
        item_code,
        item_label,
        dimension_code,
        member_code,
        answered_n as n,
        answered_n as base_n,
        answered_n,
        mean_need_level as ranked_value
    from rated
)

select
    wave,
    cohort_code,
    item_set,
    ranking_measure,
    least_need_level,
    item_code,
    item_label,
    dimension_code,
    member_code,
    n,
    base_n,
    answered_n,
    ranked_value,
    case
        when ranked_value is not null then rank() over (
            partition by wave, cohort_code, item_set, ranking_measure, dimension_code, member_code
            order by ranked_value desc nulls last
        )
    end as item_rank,
    row_number() over (
        partition by wave, cohort_code, item_set, ranking_measure, dimension_code, member_code
        order by ranked_value desc nulls last, item_code asc
    ) as position
from measured
