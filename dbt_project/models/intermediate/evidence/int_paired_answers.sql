-- Grain: one row a wave × item × choice × pair of cohorts of different instruments in which the same cities answered
-- (wave, cohort_code, comparison_cohort_code, item_code, choice_code). Of nested cohorts the outer one stands
-- for all; a city counts where it answered both times.
with members as (
    select
        members.wave,
        members.cohort_code,
        cohorts.instrument,
        members.city_key
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    where
        cohorts.is_confidential
        and members.cohort_code not in (
            select nested.inner_cohort_code
            from {{ ref('int_nested_cohorts') }} as nested
            where nested.wave = members.wave
        )
),

pairs as (
    select
        own.wave,
        own.cohort_code,
        other.cohort_code as comparison_cohort_code,
        own.city_key
    from members as own
    inner join members as other
        on own.wave = other.wave and own.city_key = other.city_key and own.instrument < other.instrument
),

asked as (
    select
        own.wave,
        own.cohort_code,
        other.cohort_code as comparison_cohort_code,
        own.item_code,
        choices.choice_code
    from {{ ref('int_cohort_items') }} as own
    inner join {{ ref('int_cohort_items') }} as other using (wave, item_code)
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    where own.cohort_code <> other.cohort_code and choices.choice_kind = 'level'
),

answered as (
    select distinct
        wave,
        cohort_code,
        city_key,
        item_code,
        instrument,
        round
    from {{ ref('int_cohort_answers') }}
),

-- What both cohorts read in one round says nothing of a difference.
judged as (
    select
        asked.wave,
        asked.cohort_code,
        asked.comparison_cohort_code,
        asked.item_code,
        asked.choice_code,
        first_answers.city_key is not null as is_first,
        second_answers.city_key is not null as is_second
    from asked
    inner join pairs using (wave, cohort_code, comparison_cohort_code)
    inner join answered as first_answered
        on
            pairs.wave = first_answered.wave
            and pairs.cohort_code = first_answered.cohort_code
            and pairs.city_key = first_answered.city_key
            and asked.item_code = first_answered.item_code
    inner join answered as second_answered
        on
            pairs.wave = second_answered.wave
            and pairs.comparison_cohort_code = second_answered.cohort_code
            and pairs.city_key = second_answered.city_key
            and asked.item_code = second_answered.item_code
            and (
                first_answered.instrument <> second_answered.instrument
                or first_answered.round <> second_answered.round
            )
    left join {{ ref('int_cohort_answers') }} as first_answers
        on
            pairs.wave = first_answers.wave
            and pairs.cohort_code = first_answers.cohort_code
            and pairs.city_key = first_answers.city_key
            and asked.item_code = first_answers.item_code
            and asked.choice_code = first_answers.choice_code
    left join {{ ref('int_cohort_answers') }} as second_answers
        on
            pairs.wave = second_answers.wave
            and pairs.comparison_cohort_code = second_answers.cohort_code
            and pairs.city_key = second_answers.city_key
            and asked.item_code = second_answers.item_code
            and asked.choice_code = second_answers.choice_code
)

select
    wave,
    cohort_code,
    comparison_cohort_code,
    item_code,
    choice_code,
    count(*) as pairs_n,
    count(*) filter (where is_first and is_second) as both_n,
    count(*) filter (where is_first and not is_second) as first_only_n,
    count(*) filter (where not is_first and is_second) as second_only_n,
    count(*) filter (where not is_first and not is_second) as neither_n
from judged
group by wave, cohort_code, comparison_cohort_code, item_code, choice_code
