-- Grain: one row a cohort (cohort_code).
select
    cohort_code,
    label,
    instrument,
    position,
    is_census = 'yes' as is_census,
    is_confidential = 'yes' as is_confidential,
    description
from {{ source('knowledge', 'cohorts') }}
