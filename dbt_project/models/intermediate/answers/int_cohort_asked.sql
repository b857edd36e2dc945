-- Grain: one row a wave × cohort × item × city that was asked or that the register covers, and whose answer, if open,
-- is coded (wave, cohort_code, item_code, city_key), of items of which not every city of the cohort is such a one.
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
left join {{ ref('int_cohort_uncoded') }} as uncoded
    on
        unsure.wave = uncoded.wave
        and unsure.cohort_code = uncoded.cohort_code
        and unsure.item_code = uncoded.item_code
        and candidates.city_key = uncoded.city_key
where uncoded.city_key is null
union distinct
select
    unsure.wave,
    unsure.cohort_code,
    unsure.item_code,
    answers.city_key
from unsure
inner join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, item_code)
