-- Grain: one row a wave × cohort × item × round in which the cohort reads it
-- (wave, cohort_code, item_code, instrument, round): its own instrument's rounds where they asked it; for an item that
-- follows the city, else the other rounds of the wave that tell it of a city of the cohort.
with cohort_rounds as (
    select
        wave_rounds.wave,
        cohorts.cohort_code,
        wave_rounds.instrument,
        wave_rounds.round
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ source('knowledge', 'cohorts') }} as cohorts using (instrument)
),

own as (
    select
        cohort_rounds.wave,
        cohort_rounds.cohort_code,
        item_rounds.item_code,
        cohort_rounds.instrument,
        cohort_rounds.round,
        item_rounds.comparability
    from cohort_rounds
    inner join {{ ref('int_item_rounds') }} as item_rounds using (instrument, round)
),

told as (
    select
        wave,
        city_key,
        item_code,
        instrument,
        round
    from {{ ref('int_city_items') }}
    union all
    select
        wave,
        city_key,
        item_code,
        instrument,
        round
    from {{ ref('int_city_numbers') }}
),

followed as (
    select distinct
        candidates.wave,
        candidates.cohort_code,
        told.item_code,
        told.instrument,
        told.round
    from {{ source('knowledge', 'items') }} as items
    inner join told using (item_code)
    inner join {{ ref('int_cohort_candidates') }} as candidates
        on told.wave = candidates.wave and told.city_key = candidates.city_key
    where items.follows_city = 'yes'
    union distinct
    -- A register that is complete for the cohort says something of it though none of its cities is there.
    select
        complete.wave,
        complete.cohort_code,
        complete.item_code,
        complete.instrument,
        complete.round
    from {{ ref('int_complete_registers') }} as complete
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where items.follows_city = 'yes'
),

owned as (
    select distinct
        wave,
        cohort_code,
        item_code
    from own
)

select
    wave,
    cohort_code,
    item_code,
    instrument,
    round,
    comparability,
    true as is_own
from own
union all
select
    followed.wave,
    followed.cohort_code,
    followed.item_code,
    followed.instrument,
    followed.round,
    coalesce(item_rounds.comparability, 'other source') as comparability,
    false as is_own
from followed
left join {{ ref('int_item_rounds') }} as item_rounds using (item_code, instrument, round)
left join owned using (wave, cohort_code, item_code)
where owned.item_code is null
