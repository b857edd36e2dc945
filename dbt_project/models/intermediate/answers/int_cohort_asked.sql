-- Grain: one row a wave × cohort × item × city that was asked or that the register covers
-- (wave, cohort_code, item_code, city_key), of items that not every city of the cohort was asked.
with unsure as (
    select
        wave,
        cohort_code,
        item_code
    from {{ ref('int_cohort_items') }}
    where not is_asked_of_all
)

select
    unsure.wave,
    unsure.cohort_code,
    unsure.item_code,
    candidates.city_key
from unsure
inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (wave, cohort_code, item_code)
inner join {{ ref('int_cohort_candidates') }} as candidates using (wave, cohort_code)
inner join {{ ref('int_city_rounds') }} as rounds
    on
        candidates.wave = rounds.wave
        and candidates.city_key = rounds.city_key
        and item_rounds.instrument = rounds.instrument
        and item_rounds.round = rounds.round
union distinct
select
    unsure.wave,
    unsure.cohort_code,
    unsure.item_code,
    answers.city_key
from unsure
inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, item_code)
