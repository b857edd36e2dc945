-- Grain: one row a wave × measure × response of a city in the measure's base (wave, measure_id, response_key): who is
-- behind a number of a sentence, with file, sheet and row.
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
from {{ ref('int_measure_members') }} as members
inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
inner join {{ ref('int_cohort_members') }} as cohort_members
    on
        members.wave = cohort_members.wave
        and measures.cohort_code = cohort_members.cohort_code
        and members.city_key = cohort_members.city_key
inner join {{ ref('stg_responses') }} as responses on cohort_members.response_key = responses.response_key
inner join {{ ref('int_response_cities') }} as cities on responses.response_key = cities.response_key
