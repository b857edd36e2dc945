-- How many cities have which index of ambition and of collaboration, in each scoring; without rows where it is not public.
select
    cohort_code,
    scoring_version,
    is_default,
    ambition_index,
    collaboration_index,
    size_class_code,
    n
from read_parquet('${release}/gaps/gap_city_index.parquet')
order by cohort_code, scoring_version, ambition_index, collaboration_index, size_class_code
