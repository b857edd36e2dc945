-- Grain: one row a wave × cohort × city × item × choice (wave, cohort_code, city_key, item_code, choice_code): what the
-- cohort's cities are counted by, with the round that tells it. Of several rounds the first counts that tells the item;
-- registers that tell any of a city's records add up, up to the first round that is none.
with item_rounds as (
    select
        wave,
        cohort_code,
        item_code,
        instrument,
        round,
        reading_rank,
        min(reading_rank) over (partition by wave, cohort_code, item_code)
        <> max(reading_rank) over (partition by wave, cohort_code, item_code) as has_ranks
    from {{ ref('int_cohort_item_rounds') }}
),

registers as (
    select
        item_rounds.item_code,
        item_rounds.instrument,
        item_rounds.round
    from {{ ref('int_item_rounds') }} as item_rounds
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where item_rounds.pick = 'any' and items.kind = 'multiple'
),

read_answers as (
    select
        candidates.wave,
        candidates.cohort_code,
        candidates.city_key,
        told.item_code,
        told.choice_code,
        told.instrument,
        told.round,
        item_rounds.reading_rank,
        item_rounds.has_ranks,
        registers.item_code is not null as adds_up
    from {{ ref('int_cohort_candidates') }} as candidates
    inner join item_rounds using (wave, cohort_code)
    inner join {{ ref('int_city_items') }} as told
        on
            candidates.wave = told.wave
            and candidates.city_key = told.city_key
            and item_rounds.item_code = told.item_code
            and item_rounds.instrument = told.instrument
            and item_rounds.round = told.round
    left join registers
        on
            told.item_code = registers.item_code
            and told.instrument = registers.instrument
            and told.round = registers.round
),

-- Most items are read in rounds of one rank: only of the others is there a first to be found for each city.
first_ranks as (
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        min(reading_rank) as reading_rank
    from read_answers
    where has_ranks
    group by wave, cohort_code, city_key, item_code
),

added as (
    select
        more.wave,
        more.cohort_code,
        more.city_key,
        more.item_code,
        more.choice_code,
        min_by(more.instrument, more.reading_rank) as instrument,
        min_by(more.round, more.reading_rank) as round
    from read_answers as more
    inner join first_ranks as firsts
        on
            more.wave = firsts.wave
            and more.cohort_code = firsts.cohort_code
            and more.city_key = firsts.city_key
            and more.item_code = firsts.item_code
    left join read_answers as before
        on
            more.wave = before.wave
            and more.cohort_code = before.cohort_code
            and more.city_key = before.city_key
            and more.item_code = before.item_code
            and more.reading_rank > before.reading_rank
            and (
                not before.adds_up
                or (firsts.reading_rank = before.reading_rank and more.choice_code = before.choice_code)
            )
    where more.has_ranks and more.adds_up and more.reading_rank > firsts.reading_rank and before.city_key is null
    group by more.wave, more.cohort_code, more.city_key, more.item_code, more.choice_code
),

-- To stand in no record says `no` or `none`, whichever the item has.
none_choices as (
    select
        item_code,
        min(choice_code) as choice_code
    from {{ ref('dim_choice') }}
    where choice_code in ('no', 'none') and choice_kind = 'level'
    group by item_code
),

answers as (
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from read_answers
    where not has_ranks
    union all
    select
        read_answers.wave,
        read_answers.cohort_code,
        read_answers.city_key,
        read_answers.item_code,
        read_answers.choice_code,
        read_answers.instrument,
        read_answers.round
    from read_answers
    inner join first_ranks using (wave, cohort_code, city_key, item_code, reading_rank)
    union all
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from added
    union all
    select
        unlisted.wave,
        unlisted.cohort_code,
        unlisted.city_key,
        unlisted.item_code,
        none_choices.choice_code,
        unlisted.instrument,
        unlisted.round
    from {{ ref('int_cohort_unlisted') }} as unlisted
    inner join none_choices using (item_code)
)

select
    wave,
    cohort_code,
    city_key,
    item_code,
    choice_code,
    instrument,
    round
from answers
union all
-- Who is in a class is in the merged class that it is part of.
select
    answers.wave,
    answers.cohort_code,
    answers.city_key,
    class_merges.merged_item_code as item_code,
    class_merges.merged_choice_code as choice_code,
    answers.instrument,
    answers.round
from answers
inner join {{ source('knowledge', 'class_merges') }} as class_merges using (item_code, choice_code)
