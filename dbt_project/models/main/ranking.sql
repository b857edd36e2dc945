-- Grain: one row a wave × cohort × group × group of the second grouping × item of the set that is asked for
-- (wave, cohort_code, member_code, and_member_code, item_code), first the first; items with the same value have the
-- same place. Of a mean there is no interval.
{{ config(
    parameters='item_set, measure := \'levels_4_5\', "by" := \'all\', and_by := \'all\', cohort := null, wave := null'
) }}
with asked as (
    select
        {{ item_set_named('item_set') }} as item_set,
        {{ measure_named('measure') }} as ranking_measure,
        {{ dimension_named('"by"') }} as dimension_code,
        {{ dimension_named('and_by') }} as and_dimension_code,
        {{ cohort_named('cohort') }} as cohort_code,
        {{ wave_named('wave') }} as wave
),

ranked_items as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        asked.item_set,
        items.item_code,
        items.label as item_label,
        cohort_items.is_asked_of_all,
        max(cohort_items.wave) over () as newest_wave
    from {{ ref('int_cohort_items') }} as cohort_items
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join asked
        on
            items.item_set = asked.item_set
            and cohort_items.cohort_code = coalesce(asked.cohort_code, cohort_items.cohort_code)
            and cohort_items.wave = coalesce(asked.wave, cohort_items.wave)
),

newest_items as (
    select
        ranked_items.wave,
        ranked_items.cohort_code,
        ranked_items.item_set,
        ranked_items.item_code,
        ranked_items.item_label,
        ranked_items.is_asked_of_all
    from ranked_items
    where ranked_items.wave = ranked_items.newest_wave
),

members as (
    {{ crossed_groups('asked') }}
),

rated as (
    select
        newest_items.wave,
        newest_items.cohort_code,
        newest_items.item_set,
        newest_items.item_code,
        newest_items.item_label,
        members.dimension_code,
        members.member_code,
        members.and_dimension_code,
        members.and_member_code,
        count(*) as members_n,
        count(levels.need_level) as answered_n,
        count(*) filter (
            where levels.need_level >= 4
        ) as levels_4_5_n,
        count(*) filter (
            where levels.need_level >= 5
        ) as level_5_n,
        round(avg(levels.need_level), 4) as mean_need_level
    from newest_items
    inner join members using (wave, cohort_code)
    left join {{ ref('int_cohort_asked') }} as asked_cities
        on
            newest_items.wave = asked_cities.wave
            and newest_items.cohort_code = asked_cities.cohort_code
            and newest_items.item_code = asked_cities.item_code
            and members.city_key = asked_cities.city_key
    left join {{ ref('int_cohort_levels') }} as levels
        on
            members.wave = levels.wave
            and members.cohort_code = levels.cohort_code
            and members.city_key = levels.city_key
            and newest_items.item_code = levels.item_code
    where newest_items.is_asked_of_all or asked_cities.city_key is not null
    group by all
),

measured as (
    select
        rated.wave,
        rated.cohort_code,
        rated.item_code,
        rated.item_label,
        rated.dimension_code,
        rated.member_code,
        rated.and_dimension_code,
        rated.and_member_code,
        rated.answered_n,
        asked.ranking_measure,
        case asked.ranking_measure
            when 'levels_4_5' then rated.levels_4_5_n
            when 'level_5' then rated.level_5_n
            else rated.answered_n
        end as n,
        case when asked.ranking_measure = 'mean' then rated.answered_n else rated.members_n end as base_n,
        rated.mean_need_level
    from rated
    cross join asked
),

valued as (
    select
        measured.wave,
        measured.cohort_code,
        measured.item_code,
        measured.item_label,
        measured.dimension_code,
        measured.member_code,
        measured.and_dimension_code,
        measured.and_member_code,
        measured.answered_n,
        measured.ranking_measure,
        measured.n,
        measured.base_n,
        case
            when measured.ranking_measure = 'mean' then measured.mean_need_level
            else {{ percent('measured.n', 'measured.base_n') }}
        end as ranked_value
    from measured
)

select
    valued.wave,
    valued.cohort_code,
    valued.member_code,
    own_groups.member_label,
    valued.and_member_code,
    and_groups.member_label as and_member_label,
    case
        when valued.ranked_value is not null
            then rank() over (
                partition by valued.wave, valued.cohort_code, valued.member_code, valued.and_member_code
                order by valued.ranked_value desc nulls last
            )
    end as item_rank,
    valued.item_code,
    valued.item_label,
    valued.n,
    valued.base_n,
    valued.answered_n,
    valued.ranked_value,
    case when valued.ranking_measure <> 'mean' then intervals.share_low_pct end as share_low_pct,
    case when valued.ranking_measure <> 'mean' then intervals.share_high_pct end as share_high_pct,
    own_groups.member_position
from valued
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as own_groups
    on valued.dimension_code = own_groups.dimension_code and valued.member_code = own_groups.member_code
inner join {{ ref('dim_group') }} as and_groups
    on valued.and_dimension_code = and_groups.dimension_code and valued.and_member_code = and_groups.member_code
left join {{ ref('int_share_intervals') }} as intervals
    on valued.n = intervals.n and valued.base_n = intervals.base_n
order by
    valued.wave,
    cohorts.position,
    own_groups.member_position,
    and_groups.member_position,
    item_rank,
    valued.item_code
