-- Grain: one row a wave × its base wave × cohort × need × kind of comparison × grouping dimension × member
-- (comparison_code): all cities of either wave, or the cities that answered in both (the panel), which nested cohorts
-- leave to the outer one.
with counts as (
    select
        wave,
        cohort_code,
        need_code,
        dimension_code,
        member_code,
        n,
        base_n,
        mean_need_level
    from {{ ref('int_need_counts') }}
),

group_members as (
    select distinct
        needs.wave,
        needs.base_wave,
        needs.cohort_code,
        needs.need_code,
        needs.comparability,
        counts.dimension_code,
        counts.member_code
    from {{ ref('int_need_comparability') }} as needs
    inner join counts using (cohort_code, need_code)
    where counts.wave in (needs.wave, needs.base_wave)
),

of_cohorts as (
    select
        members.wave,
        members.base_wave,
        members.cohort_code,
        members.need_code,
        members.comparability,
        members.dimension_code,
        members.member_code,
        own.n,
        own.base_n,
        own.mean_need_level,
        base.n as comparison_n,
        base.base_n as comparison_base_n,
        base.mean_need_level as comparison_mean_need_level
    from group_members as members
    left join counts as own
        on
            members.wave = own.wave
            and members.cohort_code = own.cohort_code
            and members.need_code = own.need_code
            and members.dimension_code = own.dimension_code
            and members.member_code = own.member_code
    left join counts as base
        on
            members.base_wave = base.wave
            and members.cohort_code = base.cohort_code
            and members.need_code = base.need_code
            and members.dimension_code = base.dimension_code
            and members.member_code = base.member_code
),

of_panel as (
    select
        needs.wave,
        needs.base_wave,
        needs.cohort_code,
        needs.need_code,
        count(*) filter (where own.is_need and base.is_need) as both_n,
        count(*) filter (where own.is_need and not base.is_need) as gained_n,
        count(*) filter (where not own.is_need and base.is_need) as ended_n,
        count(*) filter (where not own.is_need and not base.is_need) as neither_n,
        count(*) as base_n,
        round(avg(own.need_level), 4) as mean_need_level,
        round(avg(base.need_level), 4) as comparison_mean_need_level
    from {{ ref('int_need_comparability') }} as needs
    inner join {{ ref('fct_need_score') }} as own using (wave, cohort_code, need_code)
    inner join {{ ref('fct_need_score') }} as base
        on
            needs.base_wave = base.wave
            and needs.cohort_code = base.cohort_code
            and needs.need_code = base.need_code
            and own.city_key = base.city_key
    left join {{ ref('int_nested_cohorts') }} as nested
        on nested.wave in (needs.wave, needs.base_wave) and needs.cohort_code = nested.inner_cohort_code
    where own.is_answered and base.is_answered and nested.wave is null
    group by needs.wave, needs.base_wave, needs.cohort_code, needs.need_code
),

changes as (
    select
        'cohort' as comparison_kind,
        'shares' as method,
        wave,
        base_wave,
        cohort_code,
        need_code,
        comparability,
        dimension_code,
        member_code,
        n,
        base_n,
        mean_need_level,
        comparison_n,
        comparison_base_n,
        comparison_mean_need_level,
        n as whole_n,
        base_n as whole_base_n,
        comparison_n as comparison_whole_n,
        comparison_base_n as comparison_whole_base_n,
        cast(null as bigint) as gained_n,
        cast(null as bigint) as ended_n,
        cast(null as bigint[]) as level_counts
    from of_cohorts
    union all
    select
        'panel' as comparison_kind,
        'pairs' as method,
        wholes.wave,
        wholes.base_wave,
        wholes.cohort_code,
        wholes.need_code,
        wholes.comparability,
        wholes.dimension_code,
        wholes.member_code,
        panel.both_n + panel.gained_n as n,
        panel.base_n,
        panel.mean_need_level,
        panel.both_n + panel.ended_n as comparison_n,
        panel.base_n as comparison_base_n,
        panel.comparison_mean_need_level,
        wholes.n as whole_n,
        wholes.base_n as whole_base_n,
        wholes.comparison_n as comparison_whole_n,
        wholes.comparison_base_n as comparison_whole_base_n,
        panel.gained_n,
        panel.ended_n,
        [panel.both_n, panel.gained_n, panel.ended_n, panel.neither_n] as level_counts
    from of_cohorts as wholes
    inner join of_panel as panel using (wave, base_wave, cohort_code, need_code)
    where wholes.dimension_code = 'all'
)

select
    comparison_kind,
    method,
    wave,
    base_wave,
    cohort_code,
    need_code,
    comparability,
    dimension_code,
    member_code,
    n,
    base_n,
    mean_need_level,
    comparison_n,
    comparison_base_n,
    comparison_mean_need_level,
    whole_n,
    whole_base_n,
    comparison_whole_n,
    comparison_whole_base_n,
    gained_n,
    ended_n,
    level_counts,
    cast(null as bigint[]) as comparison_level_counts,
    comparability in ('same', 'reworded', 'other source') as is_comparable,
    concat_ws(
        '.', comparison_kind, wave, base_wave, cohort_code, need_code, dimension_code, member_code
    ) as comparison_code,
    concat_ws(' ', cohort_code, 'since', base_wave, 'by', dimension_code || ':', comparison_kind) as family
from changes
