-- Grain: one row a cohort (cohort_code). It is confidential if a round is that tells who is in it.
with telling_rounds as (
    select
        cohorts.cohort_code,
        rounds.is_confidential
    from {{ source('knowledge', 'cohorts') }} as cohorts
    left join {{ source('knowledge', 'cohort_filters') }} as conditions using (cohort_code)
    inner join {{ ref('stg_rounds') }} as rounds
        on cohorts.instrument = rounds.instrument or conditions.instrument = rounds.instrument
    union all
    select
        conditions.cohort_code,
        rounds.is_confidential
    from {{ source('knowledge', 'cohort_filters') }} as conditions
    inner join {{ ref('int_cohort_item_rounds') }} as item_rounds using (cohort_code, item_code)
    inner join {{ ref('stg_rounds') }} as rounds
        on item_rounds.instrument = rounds.instrument and item_rounds.round = rounds.round
),

confidential as (
    select
        cohort_code,
        bool_or(is_confidential) as is_confidential
    from telling_rounds
    group by cohort_code
)

select
    cohorts.cohort_code,
    cohorts.label,
    cohorts.instrument,
    cohorts.position,
    cohorts.is_census = 'yes' as is_census,
    coalesce(confidential.is_confidential, true) as is_confidential,
    cohorts.description
from {{ source('knowledge', 'cohorts') }} as cohorts
left join confidential using (cohort_code)
