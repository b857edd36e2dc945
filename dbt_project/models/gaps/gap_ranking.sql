-- Grain: one row a wave × cohort × item set × measure × item × grouping dimension × member
-- (wave, cohort_code, item_set, ranking_measure, item_code, dimension_code, member_code). Levels are those of need.
with ranked_items as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        items.item_set,
        items.item_code,
        items.label as item_label,
        cohort_items.is_asked_of_all
    from {{ ref('int_cohort_items') }} as cohort_items
    inner join {{ ref('dim_item') }} as items using (item_code)
    where items.item_set is not null
),

rated as (
    select
        ranked_items.wave,
        ranked_items.cohort_code,
        ranked_items.item_set,
        ranked_items.item_code,
        ranked_items.item_label,
        members.dimension_code,
        members.member_code,
        count(*) as members_n,
        count(levels.need_level) as answered_n,
        count(*) filter (where levels.need_level >= 4) as levels_4_5_n,
        count(*) filter (where levels.need_level >= 5) as level_5_n,
        round(avg(levels.need_level), 4) as mean_need_level
    from ranked_items
    inner join {{ ref('int_group_members') }} as members using (wave, cohort_code)
    left join {{ ref('int_cohort_asked') }} as asked_cities
        on
            ranked_items.wave = asked_cities.wave
            and ranked_items.cohort_code = asked_cities.cohort_code
            and ranked_items.item_code = asked_cities.item_code
            and members.city_key = asked_cities.city_key
    left join {{ ref('int_cohort_levels') }} as levels
        on
            members.wave = levels.wave
            and members.cohort_code = levels.cohort_code
            and members.city_key = levels.city_key
            and ranked_items.item_code = levels.item_code
    where ranked_items.is_asked_of_all or asked_cities.city_key is not null
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
