-- Grain: one row a wave × cohort × item × choice × grouping dimension × member
-- (wave, cohort_code, item_code, choice_code, dimension_code, member_code).
-- Every choice of every item that is known of the cohort is there, with 0 where no city has it. A base holds the cities
-- that were asked, or that the register covers.
with counted_groups as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        count(*) as members_n,
        row_number() over (order by wave, cohort_code, dimension_code, member_code) as group_number
    from {{ ref('int_group_members') }}
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

-- What a city is counted by: each choice, that it answered at all, that it was asked where not all were.
told as (
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        choice_code
    from {{ ref('int_cohort_answers') }}
    union all
    select distinct
        wave,
        cohort_code,
        city_key,
        item_code,
        'answered' as choice_code
    from {{ ref('int_cohort_answers') }}
    union all
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        'asked' as choice_code
    from {{ ref('int_cohort_asked') }}
),

numbered_choices as (
    select
        item_code,
        choice_code,
        row_number() over (order by item_code, choice_code) as choice_number
    from told
    group by item_code, choice_code
),

-- Every choice of a city is counted in each group that the city is in, many rows for each answer: numbers in place of
-- codes make them short.
numbered_members as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        counted_groups.group_number
    from {{ ref('int_group_members') }} as members
    inner join counted_groups using (wave, cohort_code, dimension_code, member_code)
),

numbered_told as (
    select
        told.wave,
        told.cohort_code,
        told.city_key,
        numbered_choices.choice_number
    from told
    inner join numbered_choices using (item_code, choice_code)
),

number_counts as (
    select
        numbered_members.group_number,
        numbered_told.choice_number,
        count(*) as n
    from numbered_told
    inner join numbered_members using (wave, cohort_code, city_key)
    group by numbered_members.group_number, numbered_told.choice_number
),

told_counts as (
    select
        counted_groups.wave,
        counted_groups.cohort_code,
        counted_groups.dimension_code,
        counted_groups.member_code,
        numbered_choices.item_code,
        numbered_choices.choice_code,
        number_counts.n
    from number_counts
    inner join counted_groups using (group_number)
    inner join numbered_choices using (choice_number)
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
        case when cohort_items.is_asked_of_all then group_sizes.members_n else coalesce(asked.n, 0) end
            as asked_n,
        items.base_rule
    from group_sizes
    inner join {{ ref('int_cohort_items') }} as cohort_items using (wave, cohort_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    left join told_counts as asked
        on
            group_sizes.wave = asked.wave
            and group_sizes.cohort_code = asked.cohort_code
            and group_sizes.dimension_code = asked.dimension_code
            and group_sizes.member_code = asked.member_code
            and cohort_items.item_code = asked.item_code
            and asked.choice_code = 'asked'
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
        coalesce(answered.n, 0) as answered_n,
        case grid.choice_kind
            when 'answered' then coalesce(answered.n, 0)
            when 'missing' then grid.asked_n - coalesce(answered.n, 0)
            else coalesce(chosen.n, 0)
        end as n,
        case
            when grid.base_rule = 'answered' and grid.choice_kind = 'level' then coalesce(answered.n, 0)
            else grid.asked_n
        end as base_n
    from grid
    left join told_counts as chosen using (wave, cohort_code, dimension_code, member_code, item_code, choice_code)
    left join told_counts as answered
        on
            grid.wave = answered.wave
            and grid.cohort_code = answered.cohort_code
            and grid.dimension_code = answered.dimension_code
            and grid.member_code = answered.member_code
            and grid.item_code = answered.item_code
            and answered.choice_code = 'answered'
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
