-- Grain: one row a comparison of two groups of cities (comparison_code). Shares of choices are compared by counts,
-- ratings by the counts of all their levels, the same cities asked twice by pairs. Groups of an item that the
-- questionnaire ties to the compared one are no comparison.
with compared_cohorts as (
    select cohort_code
    from {{ source('knowledge', 'cohort_pairs') }}
    union distinct
    select comparison_cohort_code as cohort_code
    from {{ source('knowledge', 'cohort_pairs') }}
),

cells as (
    select
        counts.wave,
        counts.cohort_code,
        counts.item_code,
        counts.choice_code,
        counts.dimension_code,
        counts.member_code,
        counts.n,
        counts.base_n,
        choices.level,
        items.direction is not null as is_rating,
        items.theme_code,
        cohorts.instrument,
        asked.comparability
    from {{ ref('int_cube_counts') }} as counts
    inner join compared_cohorts using (cohort_code)
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    inner join {{ ref('int_cohort_items') }} as asked using (wave, cohort_code, item_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
    where
        counts.choice_kind = 'level'
        and counts.item_code <> counts.dimension_code
        and counts.item_code not in (
            select filters.item_code
            from {{ source('knowledge', 'cohort_filters') }} as filters
            where filters.item_code is not null
        )
),

totals as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        instrument,
        comparability,
        n,
        base_n
    from cells
    where dimension_code = 'all'
),

sides as (
    select
        'cohort' as comparison_kind,
        own.wave,
        own.cohort_code,
        own.item_code,
        own.choice_code,
        own.dimension_code,
        own.member_code,
        other.cohort_code as comparison_cohort_code,
        own.level,
        own.is_rating,
        own.theme_code,
        own.n,
        own.base_n,
        other.n as comparison_n,
        other.base_n as comparison_base_n,
        case
            when own.instrument = other.instrument then 'same'
            else {{ joint_comparability('own', 'other') }}
        end as comparability
    from cells as own
    inner join {{ source('knowledge', 'cohort_pairs') }} as pairs using (cohort_code)
    inner join totals as other
        on
            pairs.comparison_cohort_code = other.cohort_code
            and own.wave = other.wave
            and own.item_code = other.item_code
            and own.choice_code = other.choice_code
    where own.dimension_code = 'all'
    union all
    select
        'others' as comparison_kind,
        own.wave,
        own.cohort_code,
        own.item_code,
        own.choice_code,
        own.dimension_code,
        own.member_code,
        own.cohort_code as comparison_cohort_code,
        own.level,
        own.is_rating,
        own.theme_code,
        own.n,
        own.base_n,
        totals.n - own.n as comparison_n,
        totals.base_n - own.base_n as comparison_base_n,
        'same' as comparability
    from cells as own
    inner join totals using (wave, cohort_code, item_code, choice_code)
    left join {{ ref('int_tied_items') }} as tied
        on
            own.wave = tied.wave
            and own.cohort_code = tied.cohort_code
            and own.item_code = tied.item_code
            and own.dimension_code = tied.tied_item_code
    where own.dimension_code <> 'all' and own.base_n > 0 and tied.item_code is null
),

ratings as (
    select
        comparison_kind,
        wave,
        cohort_code,
        item_code,
        dimension_code,
        member_code,
        comparison_cohort_code,
        theme_code,
        comparability,
        sum(n) as n,
        sum(comparison_n) as comparison_n,
        list(n order by level) as level_counts,
        list(comparison_n order by level) as comparison_level_counts
    from sides
    where is_rating and level is not null
    group by all
),

compared as (
    select
        comparison_kind,
        'shares' as method,
        wave,
        cohort_code,
        item_code,
        choice_code,
        dimension_code,
        member_code,
        comparison_cohort_code,
        theme_code,
        comparability,
        n,
        base_n,
        comparison_n,
        comparison_base_n,
        cast(null as bigint[]) as level_counts,
        cast(null as bigint[]) as comparison_level_counts
    from sides
    where not is_rating
    union all
    select
        comparison_kind,
        'ratings' as method,
        wave,
        cohort_code,
        item_code,
        null as choice_code,
        dimension_code,
        member_code,
        comparison_cohort_code,
        theme_code,
        comparability,
        cast(n as bigint) as n,
        cast(n as bigint) as base_n,
        cast(comparison_n as bigint) as comparison_n,
        cast(comparison_n as bigint) as comparison_base_n,
        cast(level_counts as bigint[]) as level_counts,
        cast(comparison_level_counts as bigint[]) as comparison_level_counts
    from ratings
    union all
    select
        'paired' as comparison_kind,
        'pairs' as method,
        pairs.wave,
        pairs.cohort_code,
        pairs.item_code,
        pairs.choice_code,
        'all' as dimension_code,
        'all' as member_code,
        pairs.comparison_cohort_code,
        items.theme_code,
        {{ joint_comparability('own', 'other') }} as comparability,
        pairs.both_n + pairs.first_only_n as n,
        pairs.pairs_n as base_n,
        pairs.both_n + pairs.second_only_n as comparison_n,
        pairs.pairs_n as comparison_base_n,
        [pairs.both_n, pairs.first_only_n, pairs.second_only_n, pairs.neither_n] as level_counts,
        cast(null as bigint[]) as comparison_level_counts
    from {{ ref('int_paired_answers') }} as pairs
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('int_cohort_items') }} as own
        on pairs.wave = own.wave and pairs.cohort_code = own.cohort_code and pairs.item_code = own.item_code
    inner join {{ ref('int_cohort_items') }} as other
        on
            pairs.wave = other.wave
            and pairs.comparison_cohort_code = other.cohort_code
            and pairs.item_code = other.item_code
)

select
    comparison_kind,
    method,
    wave,
    cohort_code,
    item_code,
    choice_code,
    dimension_code,
    member_code,
    comparison_cohort_code,
    theme_code,
    comparability,
    n,
    base_n,
    comparison_n,
    comparison_base_n,
    level_counts,
    comparison_level_counts,
    concat_ws(
        '.', comparison_kind, wave, cohort_code, comparison_cohort_code, item_code, coalesce(choice_code, 'levels'),
        dimension_code, member_code
    ) as comparison_code,
    concat_ws(
        ' ',
        cohort_code,
        case comparison_kind
            when 'others' then 'by ' || dimension_code
            when 'paired' then 'and ' || comparison_cohort_code || ', same cities'
            else 'against ' || comparison_cohort_code
        end || ':',
        case
            when
                item_code in (
                    select class_merges.merged_item_code from {{ source('knowledge', 'class_merges') }} as class_merges
                )
                then 'merged'
        end,
        theme_code,
        method
    ) as family
from compared
