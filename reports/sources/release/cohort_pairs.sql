-- Cohorts whose answers are compared.
select distinct
    cohort_code,
    comparison_cohort_code
from read_parquet('${release}/gaps/gap_item_by_cohort.parquet')
order by cohort_code, comparison_cohort_code
