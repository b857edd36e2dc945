-- Grain: one row a wave × cohort × group × item of the set that is asked for
-- (wave, cohort_code, member_code, item_code), first the first; items with the same value have the same place.
{{ config(parameters='item_set, measure := \'levels_4_5\', "by" := \'all\', cohort := null, wave := null') }}
with asked as (
    select
        {{ item_set_named('item_set') }} as item_set,
        {{ measure_named('measure') }} as ranking_measure,
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

rankings as (
    select
        ranked.wave,
        ranked.cohort_code,
        ranked.dimension_code,
        ranked.member_code,
        ranked.item_rank,
        ranked.item_code,
        ranked.item_label,
        ranked.n,
        ranked.base_n,
        ranked.answered_n,
        ranked.ranked_value,
        max(ranked.wave) over () as newest_wave
    from {{ ref('gap_ranking') }} as ranked
    inner join asked
        on
            ranked.item_set = asked.item_set
            and ranked.ranking_measure = asked.ranking_measure
            and ranked.dimension_code = asked.dimension_code
            and ranked.cohort_code = coalesce(asked.cohort_code, ranked.cohort_code)
            and ranked.wave = coalesce(asked.wave, ranked.wave)
)

select
    rankings.wave,
    rankings.cohort_code,
    rankings.member_code,
    members.label as member_label,
    rankings.item_rank,
    rankings.item_code,
    rankings.item_label,
    rankings.n,
    rankings.base_n,
    rankings.answered_n,
    rankings.ranked_value,
    members.position as member_position
from rankings
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join members using (dimension_code, member_code)
where rankings.wave = rankings.newest_wave
order by rankings.wave, cohorts.position, members.position, rankings.item_rank, rankings.item_code
