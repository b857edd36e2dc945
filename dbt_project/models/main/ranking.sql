-- Grain: one row a wave × cohort × group × item of the set that is asked for
-- (wave, cohort_code, member_code, item_code), the largest share first; items with the same share have the same place.
{{ config(parameters='item_set, measure := \'levels_4_5\', "by" := \'all\', cohort := null, wave := null') }}
with asked as (
    select
        {{ item_set_named('item_set') }} as item_set,
        {{ measure_named('measure') }} as measure_code,
        {{ dimension_named('"by"') }} as dimension_code,
        {{ cohort_named('cohort') }} as cohort_code,
        {{ wave_named('wave') }} as wave
),

members as (
    select
        choices.item_code as dimension_code,
        choices.choice_code as member_code,
        choices.label,
        choices.position
    from {{ ref('dim_choice') }} as choices
    union all
    select
        'all' as dimension_code,
        'all' as member_code,
        'All' as label,
        1 as position
),

scale_ends as (
    select
        choices.item_code,
        min(choices.level) + max(choices.level) as ends_sum
    from {{ ref('dim_choice') }} as choices
    group by choices.item_code
),

-- Scales that run the other way round are turned, as for needs.
rated_choices as (
    select
        items.item_set,
        items.item_code,
        items.label as item_label,
        choices.choice_code,
        case items.direction
            when 'lower_is_more_need' then scale_ends.ends_sum - choices.level
            else choices.level
        end as need_level
    from {{ ref('dim_item') }} as items
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    inner join scale_ends using (item_code)
    where choices.choice_kind = 'level'
),

counted as (
    select
        cube.wave,
        cube.cohort_code,
        cube.dimension_code,
        cube.member_code,
        cube.item_code,
        rated.item_label,
        sum(cube.n) filter (
            where rated.need_level >= case asked.measure_code when 'level_5' then 5 else 4 end
        ) as n,
        max(cube.base_n) as base_n,
        max(cube.answered_n) as answered_n,
        max(cube.wave) over () as newest_wave
    from {{ ref('gap_cube') }} as cube
    inner join rated_choices as rated using (item_code, choice_code)
    inner join asked
        on
            rated.item_set = asked.item_set
            and cube.dimension_code = asked.dimension_code
            and cube.cohort_code = coalesce(asked.cohort_code, cube.cohort_code)
            and cube.wave = coalesce(asked.wave, cube.wave)
    group by cube.wave, cube.cohort_code, cube.dimension_code, cube.member_code, cube.item_code, rated.item_label
)

select
    counted.wave,
    counted.cohort_code,
    counted.member_code,
    members.label as member_label,
    rank() over (
        partition by counted.wave, counted.cohort_code, counted.member_code
        order by {{ percent('counted.n', 'counted.base_n') }} desc nulls last
    ) as ranking,
    counted.item_code,
    counted.item_label,
    cast(counted.n as bigint) as n,
    counted.base_n,
    counted.answered_n,
    {{ percent('counted.n', 'counted.base_n') }} as share_pct,
    members.position as member_position
from counted
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join members using (dimension_code, member_code)
where counted.wave = counted.newest_wave
order by counted.wave, cohorts.position, members.position, ranking, counted.item_code
