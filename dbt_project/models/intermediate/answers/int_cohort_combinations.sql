-- Grain: one row a wave × combination of cohorts that some city is in (wave, cohort_codes): whose counts can be added
-- and subtracted follows from them.
with combinations as (
    select
        wave,
        city_key,
        {{ joined_codes('cohort_code') }} as cohort_codes
    from {{ ref('int_cohort_members') }}
    group by wave, city_key
)

select distinct
    wave,
    cohort_codes
from combinations
