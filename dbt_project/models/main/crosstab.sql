-- Grain: one row a wave × cohort × group × choice of the item that is asked for (wave, cohort_code, member_code,
-- choice_code), in the order of the report; the missing answers are the last choice.
{{ config(parameters='item, "by" := \'all\', cohort := null, wave := null') }}
with asked as (
    select
        {{ item_named('item') }} as item_code,
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

cells as (
    select
        cube.wave,
        cube.cohort_code,
        cube.item_code,
        cube.dimension_code,
        cube.member_code,
        cube.choice_code,
        cube.n,
        cube.base_n,
        cube.share_pct,
        max(cube.wave) over () as newest_wave
    from {{ ref('gap_cube') }} as cube
    inner join asked
        on
            cube.item_code = asked.item_code
            and cube.dimension_code = asked.dimension_code
            and cube.cohort_code = coalesce(asked.cohort_code, cube.cohort_code)
            and cube.wave = coalesce(asked.wave, cube.wave)
    where cube.choice_kind <> 'answered'
)

select
    cells.wave,
    cells.cohort_code,
    cells.member_code,
    members.label as member_label,
    cells.choice_code,
    choices.label as choice_label,
    cells.n,
    cells.base_n,
    cells.share_pct,
    members.position as member_position
from cells
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join members using (dimension_code, member_code)
inner join {{ ref('dim_choice') }} as choices
    on cells.item_code = choices.item_code and cells.choice_code = choices.choice_code
where cells.wave = cells.newest_wave
order by cells.wave, cohorts.position, members.position, choices.position
