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
        told.round
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (wave, cohort_code)
    inner join {{ ref('int_city_numbers') }} as told
        on
            candidates.wave = told.wave
            and candidates.city_key = told.city_key
            and item_rounds.item_code = told.item_code
            and item_rounds.instrument = told.instrument
            and item_rounds.round = told.round
    qualify row_number() over (
        partition by candidates.wave, candidates.cohort_code, candidates.city_key, told.item_code
        order by told.round_rank
    ) = 1
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
union all
select
    candidates.wave,
    candidates.cohort_code,
    candidates.city_key,
    complete.item_code,
    0 as value_number,
    complete.instrument,
    complete.round
from {{ ref('int_cohort_candidates') }} as candidates
inner join {{ ref('int_complete_registers') }} as complete using (wave, cohort_code)
inner join {{ ref('dim_item') }} as items
    on complete.item_code = items.item_code and items.kind = 'number'
left join {{ ref('int_city_rounds') }} as listed
    on
        candidates.wave = listed.wave
        and candidates.city_key = listed.city_key
        and complete.instrument = listed.instrument
        and complete.round = listed.round
left join read_numbers
    on
        candidates.wave = read_numbers.wave
        and candidates.cohort_code = read_numbers.cohort_code
        and candidates.city_key = read_numbers.city_key
        and complete.item_code = read_numbers.item_code
where listed.city_key is null and read_numbers.item_code is null
