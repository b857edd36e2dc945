-- Grain: one row a count of a confidential cohort (wave, cohort_code, item_code, choice_code, dimension_code,
-- member_code). Besides the cells of the cube, needs and the interest in services: counts of responses that gave any of
-- several answers, each as a question of its own with the one choice `yes`.
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
    items.kind = 'multiple' as is_multiple,
    counts.choice_kind = 'level' as is_level,
    false as is_compound
from {{ ref('int_cube_counts') }} as counts
inner join {{ ref('dim_item') }} as items using (item_code)
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
where cohorts.is_confidential
union all
select
    needs.wave,
    needs.cohort_code,
    'need:' || needs.need_code as item_code,
    'yes' as choice_code,
    needs.dimension_code,
    needs.member_code,
    needs.n,
    needs.base_n,
    needs.answered_n,
    needs.base_n as members_n,
    true as is_multiple,
    true as is_level,
    true as is_compound
from {{ ref('gap_need_by_group') }} as needs
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
where cohorts.is_confidential
union all
select distinct
    services.wave,
    services.cohort_code,
    'service:' || services.service_code as item_code,
    'yes' as choice_code,
    services.dimension_code,
    services.member_code,
    services.interest_n as n,
    services.interest_base_n as base_n,
    services.interest_base_n as answered_n,
    services.interest_base_n as members_n,
    true as is_multiple,
    true as is_level,
    true as is_compound
from {{ ref('gap_service_coverage') }} as services
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
where cohorts.is_confidential and services.interest_n is not null
