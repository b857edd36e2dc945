-- Grain: one row an open name of a round (instrument, round, country_code, city_name), with up to three suggestions.
with open_names as (
    select
        instrument,
        round,
        country_code,
        city_name,
        min(link_method) as open_reason,
        count(*) as responses_n,
        {{ joined_codes(response_key('instrument', 'round', 'response_id')) }} as response_keys
    from {{ source('landing', 'city_links') }}
    where city_key is null
    group by instrument, round, country_code, city_name
),

suggestions as (
    select
        country_code,
        city_name,
        max(suggested_key) filter (where position = 1) as suggestion_1_key,
        max(suggested_name) filter (where position = 1) as suggestion_1_name,
        max(suggested_population) filter (where position = 1) as suggestion_1_population,
        max(score) filter (where position = 1) as suggestion_1_score,
        max(suggested_key) filter (where position = 2) as suggestion_2_key,
        max(suggested_name) filter (where position = 2) as suggestion_2_name,
        max(suggested_population) filter (where position = 2) as suggestion_2_population,
        max(score) filter (where position = 2) as suggestion_2_score,
        max(suggested_key) filter (where position = 3) as suggestion_3_key,
        max(suggested_name) filter (where position = 3) as suggestion_3_name,
        max(suggested_population) filter (where position = 3) as suggestion_3_population,
        max(score) filter (where position = 3) as suggestion_3_score
    from {{ source('landing', 'city_suggestions') }}
    group by country_code, city_name
)

select
    open_names.instrument,
    open_names.round,
    open_names.country_code,
    open_names.city_name,
    open_names.open_reason,
    open_names.responses_n,
    open_names.response_keys,
    suggestions.suggestion_1_key,
    suggestions.suggestion_1_name,
    suggestions.suggestion_1_population,
    suggestions.suggestion_1_score,
    suggestions.suggestion_2_key,
    suggestions.suggestion_2_name,
    suggestions.suggestion_2_population,
    suggestions.suggestion_2_score,
    suggestions.suggestion_3_key,
    suggestions.suggestion_3_name,
    suggestions.suggestion_3_population,
    suggestions.suggestion_3_score
from open_names
left join suggestions using (country_code, city_name)
