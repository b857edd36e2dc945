-- Every code that a measure or a statement names exists where it is defined; a row here is a code that does not.
{{ config(meta={'dagster': {'ref': {'name': 'dim_choice'}}}) }}
with unknown_codes as (
    select
        'measures.cohort_code' as place,
        measures.measure_id as named_by,
        measures.cohort_code as code
    from {{ source('knowledge', 'measures') }} as measures
    left join {{ source('knowledge', 'cohorts') }} as cohorts using (cohort_code)
    where measures.statistic <> 'known' and cohorts.cohort_code is null
    union all
    select
        'measures.subject' as place,
        measures.measure_id as named_by,
        measures.subject as code
    from {{ source('knowledge', 'measures') }} as measures
    left join {{ source('knowledge', 'items') }} as items on measures.subject = items.item_code
    where measures.statistic in ('mean', 'median', 'min', 'max') and items.item_code is null
    union all
    select
        'measure_terms.measure_id' as place,
        terms.item_code || ' = ' || terms.choice_code as named_by,
        terms.measure_id as code
    from {{ source('knowledge', 'measure_terms') }} as terms
    left join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    where measures.measure_id is null
    union all
    select
        'measure_terms.choice_code' as place,
        terms.measure_id as named_by,
        terms.item_code || ' = ' || terms.choice_code as code
    from {{ source('knowledge', 'measure_terms') }} as terms
    left join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
    where choices.item_code is null
    union all
    select
        'statements.cell_id' as place,
        statements.wave as named_by,
        statements.cell_id as code
    from {{ source('knowledge', 'statements') }} as statements
    left join {{ source('knowledge', 'published_cells') }} as cells using (wave, cell_id)
    where cells.cell_id is null
    union all
    select
        'statements.measure_id' as place,
        statements.cell_id as named_by,
        statements.measure_id as code
    from {{ source('knowledge', 'statements') }} as statements
    left join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    where measures.measure_id is null and statements.reason is null
)

select
    place,
    named_by,
    code
from unknown_codes
