-- Where the cities lie whose names are public.
select
    cohort_code,
    city_name,
    country_code,
    region_code,
    latitude,
    longitude
from read_parquet('${release}/gaps/gap_city_place.parquet')
order by cohort_code, country_code, city_name
