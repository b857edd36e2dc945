-- Grain: one row a wave × cohort × item × city (wave, cohort_code, item_code, city_key) whose open answer no coding
-- decides yet, and of which no other round tells the item: what it says is not known, which is no `no`.
with undecided as (
    select
        cities.city_key,
        texts.item_code,
        texts.instrument,
        texts.round
    from {{ ref('int_open_answers') }} as texts
    inner join {{ ref('int_response_cities') }} as cities using (response_key)
    where texts.coding_state <> 'coded' and cities.tells_of_city
),

uncoded as (
    select distinct
        candidates.wave,
        candidates.cohort_code,
        undecided.item_code,
        candidates.city_key
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (wave, cohort_code)
    inner join undecided
        on
            candidates.city_key = undecided.city_key
            and item_rounds.item_code = undecided.item_code
            and item_rounds.instrument = undecided.instrument
            and item_rounds.round = undecided.round
    left join {{ ref('int_cohort_answers') }} as answers
        on
            candidates.wave = answers.wave
            and candidates.cohort_code = answers.cohort_code
            and candidates.city_key = answers.city_key
            and undecided.item_code = answers.item_code
    where answers.city_key is null
)

select
    wave,
    cohort_code,
    item_code,
    city_key
from uncoded
union distinct
-- What is not known of a class is not known of the merged class that it is part of.
select
    uncoded.wave,
    uncoded.cohort_code,
    class_merges.merged_item_code as item_code,
    uncoded.city_key
from uncoded
inner join {{ source('knowledge', 'class_merges') }} as class_merges using (item_code)
