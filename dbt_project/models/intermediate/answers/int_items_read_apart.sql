-- Grain: one row a wave × two cohorts × item (wave, cohort_code, other_cohort_code, item_code), in both orders, that
-- they read of different rounds for a city of both: counts of the one cannot be subtracted from those of the other.
with told as (
    select distinct
        answers.wave,
        answers.cohort_code,
        answers.city_key,
        answers.item_code,
        answers.instrument,
        answers.round
    from {{ ref('int_cohort_answers') }} as answers
    inner join {{ ref('int_cohort_members') }} using (wave, cohort_code, city_key)
),

different as (
    select distinct
        told.wave,
        told.cohort_code,
        others.cohort_code as other_cohort_code,
        told.item_code
    from told
    inner join {{ ref('int_cohort_members') }} as others
        on told.wave = others.wave and told.city_key = others.city_key and told.cohort_code <> others.cohort_code
    inner join {{ ref('int_cohort_items') }} as items
        on
            told.wave = items.wave
            and others.cohort_code = items.cohort_code
            and told.item_code = items.item_code
    left join told as other_told
        on
            told.wave = other_told.wave
            and others.cohort_code = other_told.cohort_code
            and told.city_key = other_told.city_key
            and told.item_code = other_told.item_code
            and told.instrument = other_told.instrument
            and told.round = other_told.round
    where other_told.city_key is null
)

select
    wave,
    cohort_code,
    other_cohort_code,
    item_code
from different
union distinct
select
    wave,
    other_cohort_code as cohort_code,
    cohort_code as other_cohort_code,
    item_code
from different
