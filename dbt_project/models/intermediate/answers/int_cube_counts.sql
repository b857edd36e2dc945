-- Grain: one row a wave × cohort × item × choice × grouping dimension × member
-- (wave, cohort_code, item_code, choice_code, dimension_code, member_code).
-- Every choice of every item that is known of the cohort is there, with 0 where no city has it. A base holds the cities
-- that were asked, or that the register covers.
with group_members as (
    select
        wave,
        cohort_code,
        city_key,
        dimension_code,
        member_code
    from {{ ref('int_group_members') }}
),

counted_groups as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        count(*) as members_n
    from group_members
    group by wave, cohort_code, dimension_code, member_code
),

-- Every class of a dimension is a group, with 0 members where no city is in it.
possible_groups as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        items.item_code as dimension_code,
        choices.choice_code as member_code
    from {{ ref('int_cohort_items') }} as cohort_items
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    where items.is_dimension and choices.choice_kind = 'level'
    union distinct
    select
        wave,
        cohort_code,
        dimension_code,
        member_code
    from counted_groups
),

group_sizes as (
    select
        possible_groups.wave,
        possible_groups.cohort_code,
        possible_groups.dimension_code,
        possible_groups.member_code,
        coalesce(counted_groups.members_n, 0) as members_n
    from possible_groups
    left join counted_groups using (wave, cohort_code, dimension_code, member_code)
),

chosen as (
    select
        group_members.wave,
        group_members.cohort_code,
        group_members.dimension_code,
        group_members.member_code,
        answers.item_code,
        answers.choice_code,
        count(*) as n
    from group_members
    inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key)
    group by all
),

answered as (
    select
        group_members.wave,
        group_members.cohort_code,
        group_members.dimension_code,
        group_members.member_code,
        answers.item_code,
        count(distinct answers.city_key) as answered_n
    from group_members
    inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key)
    group by all
),

asked as (
    select
        group_members.wave,
        group_members.cohort_code,
        group_members.dimension_code,
        group_members.member_code,
        asked_cities.item_code,
        count(*) as asked_n
    from group_members
    inner join {{ ref('int_cohort_asked') }} as asked_cities using (wave, cohort_code, city_key)
    group by all
),

grid as (
    select
        group_sizes.wave,
        group_sizes.cohort_code,
        choices.item_code,
        choices.choice_code,
        choices.choice_kind,
        group_sizes.dimension_code,
        group_sizes.member_code,
        group_sizes.members_n,
        case when cohort_items.is_asked_of_all then group_sizes.members_n else coalesce(asked.asked_n, 0) end
            as asked_n,
        items.base_rule
    from group_sizes
    inner join {{ ref('int_cohort_items') }} as cohort_items using (wave, cohort_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    left join asked using (wave, cohort_code, item_code, dimension_code, member_code)
    where items.kind <> 'number'
),

counted as (
    select
        grid.wave,
        grid.cohort_code,
        grid.item_code,
        grid.choice_code,
        grid.choice_kind,
        grid.dimension_code,
        grid.member_code,
        grid.members_n,
        coalesce(answered.answered_n, 0) as answered_n,
        case grid.choice_kind
            when 'answered' then coalesce(answered.answered_n, 0)
            when 'missing' then grid.asked_n - coalesce(answered.answered_n, 0)
            else coalesce(chosen.n, 0)
        end as n,
        case
            when grid.base_rule = 'answered' and grid.choice_kind = 'level' then coalesce(answered.answered_n, 0)
            else grid.asked_n
        end as base_n
    from grid
    left join chosen using (wave, cohort_code, dimension_code, member_code, item_code, choice_code)
    left join answered using (wave, cohort_code, dimension_code, member_code, item_code)
)

select
    wave,
    cohort_code,
    item_code,
    choice_code,
    choice_kind,
    dimension_code,
    member_code,
    n,
    base_n,
    members_n,
    answered_n,
    {{ percent('n', 'base_n') }} as share_pct
from counted
