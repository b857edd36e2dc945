-- Grain: one row a wave × measure × city in the measure's base (wave, measure_id, city_key).
-- A part's items have to be met all; of one item's choices any will do, and of those to be without, none may be chosen.
with terms as (
    select
        measure_id,
        part,
        item_code,
        choice_code,
        is_chosen
    from {{ source('knowledge', 'measure_terms') }}
),

measure_items as (
    select
        measure_id,
        item_code
    from terms
    union distinct
    select
        measure_id,
        subject as item_code
    from {{ source('knowledge', 'measures') }}
    where statistic in ('mean', 'median', 'min', 'max')
),

-- A measure of an item that the round did not ask is no measure of its cohort, not one of 0.
unasked as (
    select distinct
        cohort_members.wave,
        measures.measure_id
    from {{ source('knowledge', 'measures') }} as measures
    inner join measure_items using (measure_id)
    inner join {{ ref('int_cohort_members') }} as cohort_members using (cohort_code)
    left join {{ ref('int_cohort_items') }} as cohort_items
        on
            cohort_members.wave = cohort_items.wave
            and cohort_members.cohort_code = cohort_items.cohort_code
            and measure_items.item_code = cohort_items.item_code
    where cohort_items.item_code is null
),

-- What a city says of the measure is not known before its open answer is coded.
uncoded as (
    select distinct
        uncoded.wave,
        measures.measure_id,
        uncoded.city_key
    from {{ source('knowledge', 'measures') }} as measures
    inner join measure_items using (measure_id)
    inner join {{ ref('int_cohort_uncoded') }} as uncoded
        on measures.cohort_code = uncoded.cohort_code and measure_items.item_code = uncoded.item_code
),

members as (
    select
        cohort_members.wave,
        measures.measure_id,
        measures.cohort_code,
        measures.base_rule,
        cohort_members.city_key
    from {{ source('knowledge', 'measures') }} as measures
    inner join {{ ref('int_cohort_members') }} as cohort_members using (cohort_code)
    left join unasked on cohort_members.wave = unasked.wave and measures.measure_id = unasked.measure_id
    left join uncoded
        on
            cohort_members.wave = uncoded.wave
            and measures.measure_id = uncoded.measure_id
            and cohort_members.city_key = uncoded.city_key
    where unasked.measure_id is null and uncoded.measure_id is null
),

given_answers as (
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        choice_code
    from {{ ref('int_cohort_answers') }}
    union all
    select distinct
        wave,
        cohort_code,
        city_key,
        item_code,
        'answered' as choice_code
    from {{ ref('int_cohort_answers') }}
    union all
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        'answered' as choice_code
    from {{ ref('int_cohort_numbers') }}
),

met_items as (
    select
        members.wave,
        members.measure_id,
        members.city_key,
        terms.part,
        terms.item_code,
        case
            when terms.is_chosen = 'yes' then count(given_answers.choice_code) > 0
            else count(given_answers.choice_code) = 0
        end as is_met
    from members
    inner join terms using (measure_id)
    left join given_answers
        on
            members.wave = given_answers.wave
            and members.cohort_code = given_answers.cohort_code
            and members.city_key = given_answers.city_key
            and terms.item_code = given_answers.item_code
            and terms.choice_code = given_answers.choice_code
    group by members.wave, members.measure_id, members.city_key, terms.part, terms.item_code, terms.is_chosen
),

met_parts as (
    select
        wave,
        measure_id,
        city_key,
        bool_and(is_met) filter (where part = 'base') as is_base_met,
        bool_and(is_met) filter (where part = 'numerator') as is_numerator_met
    from met_items
    group by wave, measure_id, city_key
),

answered_items as (
    select
        members.wave,
        members.measure_id,
        members.city_key,
        count(distinct terms.item_code) as asked_n,
        count(distinct given_answers.item_code) as answered_n
    from members
    inner join terms on members.measure_id = terms.measure_id and terms.part = 'numerator'
    left join given_answers
        on
            members.wave = given_answers.wave
            and members.cohort_code = given_answers.cohort_code
            and members.city_key = given_answers.city_key
            and terms.item_code = given_answers.item_code
            and given_answers.choice_code = 'answered'
    where members.base_rule = 'answered'
    group by members.wave, members.measure_id, members.city_key
)

select
    members.wave,
    members.measure_id,
    members.city_key,
    coalesce(met_parts.is_numerator_met, true) as is_in_numerator
from members
left join met_parts using (wave, measure_id, city_key)
left join answered_items using (wave, measure_id, city_key)
where
    coalesce(met_parts.is_base_met, true)
    and coalesce(answered_items.asked_n = answered_items.answered_n, true)
