-- Grain: one row a wave × cohort × item × item that the questionnaire ties to it
-- (wave, cohort_code, item_code, tied_item_code): read from one question, or one is asked only where the other, or
-- where a third that decides on both, has a certain choice. What the questionnaire makes is no finding about cities.
with recursive deciding_questions as (
    select
        instrument,
        round,
        question_code,
        question_code as deciding_question_code
    from {{ ref('stg_questions') }}
    -- Distinct rows end at the top of the routing, whatever its depth.
    union distinct
    select
        found.instrument,
        found.round,
        found.question_code,
        questions.asked_if_question as deciding_question_code
    from deciding_questions as found
    inner join {{ ref('stg_questions') }} as questions
        on
            found.instrument = questions.instrument
            and found.round = questions.round
            and found.deciding_question_code = questions.question_code
    where questions.asked_if_question is not null
),

decided_items as (
    select
        item_sources.item_code,
        item_sources.instrument,
        item_sources.round,
        questions.deciding_question_code
    from {{ source('knowledge', 'item_sources') }} as item_sources
    inner join deciding_questions as questions using (instrument, round, question_code)
),

tied as (
    select distinct
        own_rounds.wave,
        own_rounds.cohort_code,
        own.item_code,
        other.item_code as tied_item_code
    from decided_items as own
    inner join decided_items as other using (instrument, round, deciding_question_code)
    inner join {{ ref('int_cohort_item_rounds') }} as own_rounds
        on
            own.item_code = own_rounds.item_code
            and own.instrument = own_rounds.instrument
            and own.round = own_rounds.round
    inner join {{ ref('int_cohort_item_rounds') }} as other_rounds
        on
            own_rounds.wave = other_rounds.wave
            and own_rounds.cohort_code = other_rounds.cohort_code
            and other.item_code = other_rounds.item_code
            and other.instrument = other_rounds.instrument
            and other.round = other_rounds.round
    where own.item_code <> other.item_code
),

-- An item, and what stands for it: itself and the item of its merged classes.
variants as (
    select distinct
        item_code,
        item_code as variant_code
    from {{ ref('int_cohort_item_rounds') }}
    union all
    select distinct
        item_code,
        merged_item_code as variant_code
    from {{ source('knowledge', 'class_merges') }}
)

select
    tied.wave,
    tied.cohort_code,
    own.variant_code as item_code,
    other.variant_code as tied_item_code
from tied
inner join variants as own using (item_code)
inner join variants as other on tied.tied_item_code = other.item_code
union distinct
select
    cohort_items.wave,
    cohort_items.cohort_code,
    own.variant_code as item_code,
    other.variant_code as tied_item_code
from {{ ref('int_cohort_item_rounds') }} as cohort_items
inner join variants as own using (item_code)
inner join variants as other on cohort_items.item_code = other.item_code
where own.variant_code <> other.variant_code
