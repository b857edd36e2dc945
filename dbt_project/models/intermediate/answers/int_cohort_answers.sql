-- Grain: one row a wave × cohort × city × item × choice (wave, cohort_code, city_key, item_code, choice_code): what the
-- cohort's cities are counted by, with the round that tells it. Of several rounds the first that tells the item counts.
with read_answers as (
    select
        candidates.wave,
        candidates.cohort_code,
        candidates.city_key,
        told.item_code,
        told.choice_code,
        told.instrument,
        told.round,
        told.round_rank,
        min(told.round_rank) over (
            partition by candidates.wave, candidates.cohort_code, candidates.city_key, told.item_code
        ) as first_rank
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (wave, cohort_code)
    inner join {{ ref('int_city_items') }} as told
        on
            candidates.wave = told.wave
            and candidates.city_key = told.city_key
            and item_rounds.item_code = told.item_code
            and item_rounds.instrument = told.instrument
            and item_rounds.round = told.round
),

-- To stand in no record says something only of a register that is complete for the cohort.
unlisted as (
    select
        candidates.wave,
        candidates.cohort_code,
        candidates.city_key,
        complete.item_code,
        complete.instrument,
        complete.round
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join {{ ref('int_complete_registers') }} as complete using (wave, cohort_code)
    left join {{ ref('int_city_rounds') }} as listed
        on
            candidates.wave = listed.wave
            and candidates.city_key = listed.city_key
            and complete.instrument = listed.instrument
            and complete.round = listed.round
    where listed.city_key is null
),

answered as (
    select distinct
        wave,
        cohort_code,
        city_key,
        item_code
    from read_answers
)

select
    wave,
    cohort_code,
    city_key,
    item_code,
    choice_code,
    instrument,
    round
from read_answers
where round_rank = first_rank
union all
select
    unlisted.wave,
    unlisted.cohort_code,
    unlisted.city_key,
    unlisted.item_code,
    choices.choice_code,
    unlisted.instrument,
    unlisted.round
from unlisted
inner join {{ ref('dim_choice') }} as choices using (item_code)
left join answered using (wave, cohort_code, city_key, item_code)
where choices.choice_code in ('no', 'none') and choices.choice_kind = 'level' and answered.item_code is null
