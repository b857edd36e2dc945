-- Grain: one row a wave × item × choice × pair of cohorts of different instruments in which the same cities answered
-- (wave, cohort_code, comparison_cohort_code, item_code, choice_code). Of nested cohorts the outer one stands
-- for all; a city counts where it answered both times.
with members as (
    select
        members.wave,
        members.cohort_code,
        cohorts.instrument,
        members.response_key,
        responses.city_key
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    inner join {{ ref('fct_response') }} as responses using (response_key)
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
        own.response_key,
        other.response_key as comparison_response_key
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
        response_key,
        item_code
    from {{ ref('int_item_answers') }}
),

judged as (
    select
        asked.wave,
        asked.cohort_code,
        asked.comparison_cohort_code,
        asked.item_code,
        asked.choice_code,
        first_answers.response_key is not null as is_first,
        second_answers.response_key is not null as is_second
    from asked
    inner join pairs using (wave, cohort_code, comparison_cohort_code)
    inner join answered as first_answered
        on pairs.response_key = first_answered.response_key and asked.item_code = first_answered.item_code
    inner join answered as second_answered
        on pairs.comparison_response_key = second_answered.response_key and asked.item_code = second_answered.item_code
    left join {{ ref('int_item_answers') }} as first_answers
        on
            pairs.response_key = first_answers.response_key
            and asked.item_code = first_answers.item_code
            and asked.choice_code = first_answers.choice_code
    left join {{ ref('int_item_answers') }} as second_answers
        on
            pairs.comparison_response_key = second_answers.response_key
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
