-- Grain: one row a cohort (cohort_code).
select
    cohort_code,
    label,
    instrument,
    position,
    is_census = 'yes' as is_census,
    description
from {{ source('knowledge', 'cohorts') }}
