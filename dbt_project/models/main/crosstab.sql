-- Grain: one row a wave × cohort × group × group of the second grouping × choice of the item that is asked for
-- (wave, cohort_code, member_code, and_member_code, choice_code), in the order of the report; the missing answers are
-- the last choice. The verdict is of the group against the others of its cohort, where that was tested.
{{ config(parameters='item, "by" := \'all\', and_by := \'all\', cohort := null, wave := null') }}
with asked as (
    select
        {{ item_named('item') }} as item_code,
        {{ dimension_named('"by"') }} as dimension_code,
        {{ dimension_named('and_by') }} as and_dimension_code,
        {{ cohort_named('cohort') }} as cohort_code,
        {{ wave_named('wave') }} as wave
),

members as (
    {{ crossed_groups('asked') }}
),

answered as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        members.dimension_code,
        members.member_code,
        members.and_dimension_code,
        members.and_member_code,
        cohort_items.item_code,
        cohort_items.is_asked_of_all or asked_cities.city_key is not null as is_asked,
        answers.choice_code
    from members
    inner join {{ ref('int_cohort_items') }} as cohort_items using (wave, cohort_code)
    inner join asked on cohort_items.item_code = asked.item_code
    left join {{ ref('int_cohort_asked') }} as asked_cities
        on
            members.wave = asked_cities.wave
            and members.cohort_code = asked_cities.cohort_code
            and members.city_key = asked_cities.city_key
            and cohort_items.item_code = asked_cities.item_code
    left join {{ ref('int_cohort_answers') }} as answers
        on
            members.wave = answers.wave
            and members.cohort_code = answers.cohort_code
            and members.city_key = answers.city_key
            and cohort_items.item_code = answers.item_code
),

sizes as (
    select
        answered.wave,
        answered.cohort_code,
        answered.item_code,
        answered.dimension_code,
        answered.member_code,
        answered.and_dimension_code,
        answered.and_member_code,
        count(distinct answered.city_key) filter (where answered.is_asked) as asked_n,
        count(distinct answered.city_key) filter (where answered.choice_code is not null) as answered_n
    from answered
    group by all
),

chosen as (
    select
        answered.wave,
        answered.cohort_code,
        answered.member_code,
        answered.and_member_code,
        answered.choice_code,
        count(*) as n
    from answered
    where answered.choice_code is not null
    group by all
),

counted as (
    select
        sizes.wave,
        sizes.cohort_code,
        sizes.item_code,
        sizes.dimension_code,
        sizes.member_code,
        sizes.and_dimension_code,
        sizes.and_member_code,
        choices.choice_code,
        choices.label as choice_label,
        choices.position as choice_position,
        case choices.choice_kind
            when 'missing' then sizes.asked_n - sizes.answered_n
            else coalesce(chosen.n, 0)
        end as n,
        case
            when items.base_rule = 'answered' and choices.choice_kind = 'level' then sizes.answered_n
            else sizes.asked_n
        end as base_n,
        max(sizes.wave) over () as newest_wave
    from sizes
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    left join chosen using (wave, cohort_code, member_code, and_member_code, choice_code)
    where choices.choice_kind <> 'answered'
),

verdicts as (
    select
        evidence.wave,
        evidence.cohort_code,
        evidence.item_code,
        evidence.choice_code,
        evidence.dimension_code,
        evidence.member_code,
        evidence.verdict
    from {{ ref('gap_evidence') }} as evidence
    where evidence.comparison_kind = 'others'
)

select
    counted.wave,
    counted.cohort_code,
    counted.member_code,
    own_groups.member_label,
    counted.and_member_code,
    and_groups.member_label as and_member_label,
    counted.choice_code,
    counted.choice_label,
    counted.n,
    counted.base_n,
    {{ percent('counted.n', 'counted.base_n') }} as share_pct,
    intervals.share_low_pct,
    intervals.share_high_pct,
    verdicts.verdict,
    own_groups.member_position
from counted
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as own_groups
    on counted.dimension_code = own_groups.dimension_code and counted.member_code = own_groups.member_code
inner join {{ ref('dim_group') }} as and_groups
    on counted.and_dimension_code = and_groups.dimension_code and counted.and_member_code = and_groups.member_code
left join {{ ref('int_share_intervals') }} as intervals on counted.n = intervals.n and counted.base_n = intervals.base_n
-- A scale is tested as a whole; of two groupings nothing is.
left join verdicts
    on
        counted.wave = verdicts.wave
        and counted.cohort_code = verdicts.cohort_code
        and counted.item_code = verdicts.item_code
        and counted.choice_code = coalesce(verdicts.choice_code, counted.choice_code)
        and counted.dimension_code = verdicts.dimension_code
        and counted.member_code = verdicts.member_code
        and counted.and_dimension_code = 'all'
where counted.wave = counted.newest_wave
order by
    counted.wave, cohorts.position, own_groups.member_position, and_groups.member_position, counted.choice_position
