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

-- What each item of a part asks of a city: one of the choices, or none of them. To have answered all items of the
-- numerator is a part of its own, of measures whose base are those that did.
asked_items as (
    select
        measures.measure_id,
        measures.cohort_code,
        terms.part,
        terms.item_code,
        terms.choice_code,
        terms.is_chosen = 'yes' as is_chosen
    from terms
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    union all
    select distinct
        measures.measure_id,
        measures.cohort_code,
        'answered' as part,
        terms.item_code,
        'answered' as choice_code,
        true as is_chosen
    from terms
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    where terms.part = 'numerator' and measures.base_rule = 'answered'
),

asked_parts as (
    select
        measure_id,
        count(distinct item_code) filter (
            where part = 'base' and is_chosen
        ) as base_n,
        count(distinct item_code) filter (
            where part = 'numerator' and is_chosen
        ) as numerator_n,
        count(distinct item_code) filter (
            where part = 'answered'
        ) as answered_n
    from asked_items
    group by measure_id
),

given_items as (
    select distinct
        given_answers.wave,
        asked_items.measure_id,
        given_answers.city_key,
        asked_items.part,
        asked_items.item_code,
        asked_items.is_chosen
    from asked_items
    inner join given_answers using (cohort_code, item_code, choice_code)
),

given_parts as (
    select
        wave,
        measure_id,
        city_key,
        count(*) filter (
            where part = 'base' and is_chosen
        ) as base_n,
        count(*) filter (
            where part = 'base' and not is_chosen
        ) as excluded_from_base_n,
        count(*) filter (
            where part = 'numerator' and is_chosen
        ) as numerator_n,
        count(*) filter (
            where part = 'numerator' and not is_chosen
        ) as excluded_from_numerator_n,
        count(*) filter (
            where part = 'answered'
        ) as answered_n
    from given_items
    group by wave, measure_id, city_key
)

select
    members.wave,
    members.measure_id,
    members.city_key,
    coalesce(given_parts.numerator_n, 0) = coalesce(asked_parts.numerator_n, 0)
    and coalesce(given_parts.excluded_from_numerator_n, 0) = 0 as is_in_numerator
from members
left join asked_parts using (measure_id)
left join given_parts using (wave, measure_id, city_key)
where
    coalesce(given_parts.base_n, 0) = coalesce(asked_parts.base_n, 0)
    and coalesce(given_parts.excluded_from_base_n, 0) = 0
    and coalesce(given_parts.answered_n, 0) = coalesce(asked_parts.answered_n, 0)
