-- Grain: one row a wave × cohort × need × grouping dimension × member
-- (wave, cohort_code, need_code, dimension_code, member_code): how many cities have the need.
select
    members.wave,
    members.cohort_code,
    scores.need_code,
    members.dimension_code,
    members.member_code,
    count(*) filter (where scores.is_need) as n,
    count(*) as base_n,
    count(*) filter (where scores.is_answered) as answered_n,
    round(avg(scores.need_level), 4) as mean_need_level
from {{ ref('int_group_members') }} as members
inner join {{ ref('fct_need_score') }} as scores using (wave, cohort_code, city_key)
group by all
