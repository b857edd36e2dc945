-- Grain: one row a wave × cohort × number item × grouping dimension × member
-- (wave, cohort_code, item_code, dimension_code, member_code).
select
    members.wave,
    members.cohort_code,
    numbers.item_code,
    members.dimension_code,
    members.member_code,
    count(*) as n,
    round(avg(numbers.value_number), 4) as mean,
    median(numbers.value_number) as median,
    round(stddev_samp(numbers.value_number), 4) as sd,
    min(numbers.value_number) as minimum,
    max(numbers.value_number) as maximum
from {{ ref('int_group_members') }} as members
inner join {{ ref('int_cohort_numbers') }} as numbers using (wave, cohort_code, city_key)
group by all
