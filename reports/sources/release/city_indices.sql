-- How many cities have which values of two indices, in each scoring; without rows where it is not public.
select
    cohort_code,
    scoring_version,
    is_default,
    index_label,
    index_value,
    other_index_label,
    other_index_value,
    size_class_code,
    n
from read_parquet('${release}/gaps/gap_city_index.parquet')
order by
    cohort_code,
    scoring_version,
    index_code,
    index_value,
    other_index_code,
    other_index_value,
    size_class_code,
    group_code
