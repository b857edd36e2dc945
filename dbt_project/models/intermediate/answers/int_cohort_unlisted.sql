-- Grain: one row a wave × cohort × city × item (wave, cohort_code, city_key, item_code) of cities that stand in no
-- record of any round in which the cohort reads the item, where all of these are registers that are complete for the
-- cohort: the first of them in the wave tells it. A record that the item's source does not read is none.
with item_rounds as (
    select
        item_rounds.wave,
        item_rounds.cohort_code,
        item_rounds.item_code,
        item_rounds.instrument,
        item_rounds.round,
        item_rounds.is_own,
        item_rounds.reading_rank,
        complete.item_code is not null as is_complete
    from {{ ref('int_cohort_item_rounds') }} as item_rounds
    left join {{ ref('int_complete_registers') }} as complete using (wave, cohort_code, item_code, instrument, round)
),

complete_items as (
    select
        wave,
        cohort_code,
        item_code,
        min_by(instrument, reading_rank) as instrument,
        min_by(round, reading_rank) as round
    from item_rounds
    group by wave, cohort_code, item_code
    having bool_and(is_complete and not is_own)
),

conditions as (
    select distinct
        item_code,
        instrument,
        round,
        only_question,
        only_choice
    from {{ source('knowledge', 'item_sources') }}
    where only_question is not null
),

read_records as (
    select distinct
        conditions.item_code,
        cities.instrument,
        cities.round,
        cities.city_key
    from conditions
    inner join {{ ref('stg_answers') }} as answers
        on
            conditions.instrument = answers.instrument
            and conditions.round = answers.round
            and conditions.only_question = answers.question_code
            and conditions.only_choice = answers.choice_code
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
),

listed as (
    select distinct
        complete_items.wave,
        complete_items.cohort_code,
        complete_items.item_code,
        rounds.city_key
    from complete_items
    inner join item_rounds using (wave, cohort_code, item_code)
    inner join {{ ref('int_city_rounds') }} as rounds
        on
            item_rounds.wave = rounds.wave
            and item_rounds.instrument = rounds.instrument
            and item_rounds.round = rounds.round
    left join conditions
        on
            item_rounds.item_code = conditions.item_code
            and item_rounds.instrument = conditions.instrument
            and item_rounds.round = conditions.round
    left join read_records
        on
            item_rounds.item_code = read_records.item_code
            and item_rounds.instrument = read_records.instrument
            and item_rounds.round = read_records.round
            and rounds.city_key = read_records.city_key
    where conditions.item_code is null or read_records.city_key is not null
)

select
    candidates.wave,
    candidates.cohort_code,
    candidates.city_key,
    complete_items.item_code,
    complete_items.instrument,
    complete_items.round
from {{ ref('int_cohort_candidates') }} as candidates
inner join complete_items using (wave, cohort_code)
left join listed using (wave, cohort_code, item_code, city_key)
where listed.city_key is null
