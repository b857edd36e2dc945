-- Grain: one row a wave × measure × response in the measure's base (wave, measure_id, response_key): who is behind a
-- number of a sentence, with file, sheet and row.
select
    members.wave,
    members.measure_id,
    members.response_key,
    members.is_in_numerator,
    responses.response_id,
    cities.city_key,
    cities.city_name,
    responses.source_file,
    responses.source_sheet,
    responses.source_row
from {{ ref('int_measure_members') }} as members
inner join {{ ref('stg_responses') }} as responses using (response_key)
left join {{ ref('int_response_cities') }} as cities using (response_key)
