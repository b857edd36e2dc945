-- Grain: one row a wave × cohort × item × round in which the cohort reads it
-- (wave, cohort_code, item_code, instrument, round): its own instrument's rounds where they asked it; for an item that
-- follows the city, else the other rounds of the wave that tell it of a city of the cohort. Of several the one of the
-- first reading rank counts: the own instrument's, then by their rank in the wave, at last the gazetteer.
with cohort_rounds as (
    select
        wave_rounds.wave,
        cohorts.cohort_code,
        wave_rounds.instrument,
        wave_rounds.round
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ source('knowledge', 'cohorts') }} as cohorts
        on coalesce(wave_rounds.read_as, wave_rounds.instrument) = cohorts.instrument
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
),

last_ranks as (
    select
        wave,
        max(rank) as last_rank
    from {{ source('knowledge', 'wave_rounds') }}
    group by wave
),

read_rounds as (
    select
        wave,
        cohort_code,
        item_code,
        instrument,
        round,
        comparability,
        true as is_own,
        0 as reading_rank
    from own
    union all
    select
        followed.wave,
        followed.cohort_code,
        followed.item_code,
        followed.instrument,
        followed.round,
        coalesce(item_rounds.comparability, 'other source') as comparability,
        false as is_own,
        case
            when followed.instrument = cohorts.instrument then 0
            else coalesce(wave_rounds.rank, last_ranks.last_rank + 1)
        end as reading_rank
    from followed
    inner join {{ source('knowledge', 'cohorts') }} as cohorts on followed.cohort_code = cohorts.cohort_code
    inner join last_ranks on followed.wave = last_ranks.wave
    left join {{ source('knowledge', 'wave_rounds') }} as wave_rounds
        on
            followed.wave = wave_rounds.wave
            and followed.instrument = wave_rounds.instrument
            and followed.round = wave_rounds.round
    left join {{ ref('int_item_rounds') }} as item_rounds
        on
            followed.item_code = item_rounds.item_code
            and followed.instrument = item_rounds.instrument
            and followed.round = item_rounds.round
    left join owned
        on
            followed.wave = owned.wave
            and followed.cohort_code = owned.cohort_code
            and followed.item_code = owned.item_code
    where owned.item_code is null
),

merged_items as (
    select distinct
        item_code,
        merged_item_code
    from {{ source('knowledge', 'class_merges') }}
)

select
    wave,
    cohort_code,
    item_code,
    instrument,
    round,
    comparability,
    is_own,
    reading_rank
from read_rounds
union all
-- Merged classes are read where the classes are that they are made of.
select
    read_rounds.wave,
    read_rounds.cohort_code,
    merged_items.merged_item_code as item_code,
    read_rounds.instrument,
    read_rounds.round,
    read_rounds.comparability,
    read_rounds.is_own,
    read_rounds.reading_rank
from read_rounds
inner join merged_items using (item_code)
