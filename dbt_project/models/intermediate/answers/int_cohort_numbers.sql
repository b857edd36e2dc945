-- Grain: one row a wave × cohort × city × number item (wave, cohort_code, city_key, item_code): the number that the
-- cohort's cities are counted by, with the round that tells it.
with read_numbers as (
    select
        candidates.wave,
        candidates.cohort_code,
        candidates.city_key,
        told.item_code,
        told.value_number,
        told.instrument,
        told.round,
        row_number() over (
            partition by candidates.wave, candidates.cohort_code, candidates.city_key, told.item_code
            order by item_rounds.reading_rank
        ) as preference
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (wave, cohort_code)
    inner join {{ ref('int_city_numbers') }} as told
        on
            candidates.wave = told.wave
            and candidates.city_key = told.city_key
            and item_rounds.item_code = told.item_code
            and item_rounds.instrument = told.instrument
            and item_rounds.round = told.round
)

select
    wave,
    cohort_code,
    city_key,
    item_code,
    value_number,
    instrument,
    round
from read_numbers
where preference = 1
union all
select
    unlisted.wave,
    unlisted.cohort_code,
    unlisted.city_key,
    unlisted.item_code,
    0 as value_number,
    unlisted.instrument,
    unlisted.round
from {{ ref('int_cohort_unlisted') }} as unlisted
inner join {{ ref('dim_item') }} as items using (item_code)
where items.kind = 'number'
