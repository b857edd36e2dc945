-- Grain: one row a wave × measure × response of a city in the measure's base (wave, measure_id, response_key): who is
-- behind a number of a sentence, with file, sheet and row. The responses are those that tell the measure's items of the
-- city, whichever round they are of; where none does, the one that stands for the city in the cohort.
with measure_items as (
    select
        measure_id,
        item_code
    from {{ source('knowledge', 'measure_terms') }}
    union distinct
    select
        measure_id,
        subject as item_code
    from {{ source('knowledge', 'measures') }}
    where subject is not null
),

counted_by as (
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        choice_code,
        instrument,
        round
    from {{ ref('int_cohort_answers') }}
    union all
    select
        wave,
        cohort_code,
        city_key,
        item_code,
        'answered' as choice_code,
        instrument,
        round
    from {{ ref('int_cohort_numbers') }}
),

members as (
    select
        members.wave,
        members.measure_id,
        members.city_key,
        members.is_in_numerator,
        measures.cohort_code,
        cohort_members.response_key
    from {{ ref('int_measure_members') }} as members
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    inner join {{ ref('int_cohort_members') }} as cohort_members
        on
            members.wave = cohort_members.wave
            and measures.cohort_code = cohort_members.cohort_code
            and members.city_key = cohort_members.city_key
),

telling as (
    select distinct
        members.wave,
        members.measure_id,
        members.city_key,
        item_responses.response_key
    from members
    inner join measure_items using (measure_id)
    inner join counted_by
        on
            members.wave = counted_by.wave
            and members.cohort_code = counted_by.cohort_code
            and members.city_key = counted_by.city_key
            and measure_items.item_code = counted_by.item_code
    inner join {{ ref('int_item_responses') }} as item_responses
        on
            counted_by.city_key = item_responses.city_key
            and counted_by.instrument = item_responses.instrument
            and counted_by.round = item_responses.round
            and counted_by.item_code = item_responses.item_code
            and counted_by.choice_code = item_responses.choice_code
)

select
    members.wave,
    members.measure_id,
    responses.response_key,
    members.is_in_numerator,
    responses.response_id,
    cities.city_key,
    cities.city_name,
    responses.source_file,
    responses.source_sheet,
    responses.source_row
from members
left join telling using (wave, measure_id, city_key)
inner join {{ ref('stg_responses') }} as responses
    on coalesce(telling.response_key, members.response_key) = responses.response_key
inner join {{ ref('int_response_cities') }} as cities on responses.response_key = cities.response_key
