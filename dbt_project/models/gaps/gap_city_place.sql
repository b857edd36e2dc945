-- Grain: one row a wave × cohort × city (wave, cohort_code, city_key) of the cohorts whose cities are public: where
-- each lies.
select distinct
    members.wave,
    members.cohort_code,
    cities.released_key as city_key,
    cities.city_name,
    cities.country_code,
    cities.region_code,
    cities.latitude,
    cities.longitude
from {{ ref('int_cohort_members') }} as members
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_city') }} as cities using (city_key)
where not cohorts.is_confidential and not cities.is_pseudonym
