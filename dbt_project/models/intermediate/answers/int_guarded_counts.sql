-- Grain: one row a count that disclosure control looks at
-- (wave, cohort_code, item_code, choice_code, dimension_code, member_code): confidential ones, of which a round behind
-- the cohort, the item or the grouping is confidential, and open ones of the same items of cohorts that share cities
-- with theirs, from which these can be subtracted. Besides the cells of the cube, needs and the interest in services:
-- counts of cities that gave any of several answers, each as a question of its own with the one choice `yes`. Of a
-- dimension, cities without the answer are those of its group `missing`: those that nobody asked are in it, too.
with counts as (
    select
        counts.wave,
        counts.cohort_code,
        counts.item_code,
        counts.choice_code,
        counts.dimension_code,
        counts.member_code,
        case
            when items.is_dimension and counts.choice_kind = 'missing' then counts.members_n - counts.answered_n
            else counts.n
        end as n,
        case
            when items.is_dimension and counts.choice_kind = 'missing' then counts.members_n
            else counts.base_n
        end as base_n,
        counts.answered_n,
        counts.members_n,
        items.kind = 'multiple' as is_multiple,
        counts.choice_kind = 'level' as is_level,
        false as is_compound
    from {{ ref('int_cube_counts') }} as counts
    inner join {{ ref('dim_item') }} as items using (item_code)
    union all
    select
        wave,
        cohort_code,
        'need:' || need_code as item_code,
        'yes' as choice_code,
        dimension_code,
        member_code,
        n,
        base_n,
        answered_n,
        base_n as members_n,
        true as is_multiple,
        true as is_level,
        true as is_compound
    from {{ ref('gap_need_by_group') }}
    union all
    select distinct
        wave,
        cohort_code,
        'service:' || service_code as item_code,
        'yes' as choice_code,
        dimension_code,
        member_code,
        interest_n as n,
        interest_base_n as base_n,
        interest_base_n as answered_n,
        interest_base_n as members_n,
        true as is_multiple,
        true as is_level,
        true as is_compound
    from {{ ref('gap_service_coverage') }}
    where interest_n is not null
),

compound_items as (
    select
        'need:' || need_code as compound_code,
        item_code
    from {{ source('knowledge', 'need_evidence') }}
    union distinct
    select
        'service:' || service_code as compound_code,
        item_code
    from {{ source('knowledge', 'service_interest') }}
),

confidential_items as (
    select
        wave,
        cohort_code,
        item_code
    from {{ ref('int_cohort_items') }}
    where is_confidential
    union distinct
    select
        items.wave,
        items.cohort_code,
        compound_items.compound_code as item_code
    from {{ ref('int_cohort_items') }} as items
    inner join compound_items using (item_code)
    where items.is_confidential
),

judged as (
    select
        counts.wave,
        counts.cohort_code,
        counts.item_code,
        counts.choice_code,
        counts.dimension_code,
        counts.member_code,
        counts.n,
        counts.base_n,
        counts.answered_n,
        counts.members_n,
        counts.is_multiple,
        counts.is_level,
        counts.is_compound,
        cohorts.is_confidential or counted.item_code is not null or grouping_items.item_code is not null
            as is_confidential
    from counts
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    left join confidential_items as counted using (wave, cohort_code, item_code)
    left join confidential_items as grouping_items
        on
            counts.wave = grouping_items.wave
            and counts.cohort_code = grouping_items.cohort_code
            and counts.dimension_code = grouping_items.item_code
),

overlapping as (
    select distinct
        members.wave,
        members.cohort_code,
        others.cohort_code as other_cohort_code
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_cohort_members') }} as others using (wave, city_key)
),

guarded_items as (
    select distinct
        overlapping.wave,
        overlapping.cohort_code,
        judged.item_code
    from overlapping
    inner join judged
        on
            overlapping.wave = judged.wave
            and overlapping.other_cohort_code = judged.cohort_code
            and judged.is_confidential
)

select
    judged.wave,
    judged.cohort_code,
    judged.item_code,
    judged.choice_code,
    judged.dimension_code,
    judged.member_code,
    judged.n,
    judged.base_n,
    judged.answered_n,
    judged.members_n,
    judged.is_multiple,
    judged.is_level,
    judged.is_compound,
    judged.is_confidential
from judged
left join guarded_items using (wave, cohort_code, item_code)
where judged.is_confidential or guarded_items.item_code is not null
