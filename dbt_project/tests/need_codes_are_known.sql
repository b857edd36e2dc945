-- Every code that a need, a statement or a theme of another scheme names exists; a row here is a code that does not.
{{ config(meta={'dagster': {'ref': {'name': 'dim_need'}}}) }}
with unknown_codes as (
    select
        'needs.theme_code' as place,
        needs.need_code as named_by,
        needs.theme_code as code
    from {{ source('knowledge', 'needs') }} as needs
    left join {{ source('knowledge', 'themes') }} as themes using (theme_code)
    where themes.theme_code is null
    union all
    select
        'need_evidence.need_code' as place,
        evidence.item_code as named_by,
        evidence.need_code as code
    from {{ source('knowledge', 'need_evidence') }} as evidence
    left join {{ ref('dim_need') }} as needs using (need_code)
    where needs.need_code is null
    union all
    select
        'need_evidence.is_chosen: one rule an item' as place,
        evidence.need_code as named_by,
        evidence.item_code as code
    from {{ source('knowledge', 'need_evidence') }} as evidence
    group by evidence.need_code, evidence.item_code
    having count(distinct evidence.is_chosen) > 1
    union all
    select
        'need_evidence.item_code: one item a cohort' as place,
        evidence.need_code as named_by,
        cohort_items.cohort_code as code
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join {{ ref('int_cohort_items') }} as cohort_items using (item_code)
    group by evidence.need_code, cohort_items.wave, cohort_items.cohort_code
    having count(distinct evidence.item_code) > 1
    union all
    select
        'need_statements.need_code' as place,
        cast(statements.line as varchar) as named_by,
        statements.need_code as code
    from {{ source('knowledge', 'need_statements') }} as statements
    left join {{ ref('dim_need') }} as needs using (need_code)
    where needs.need_code is null
    union all
    select
        'need_statements.line' as place,
        statements.need_code as named_by,
        cast(statements.line as varchar) as code
    from {{ source('knowledge', 'need_statements') }} as statements
    left join {{ source('knowledge', 'published_texts') }} as texts using (wave, line)
    where texts.line is null
    union all
    select
        'need_statements.cohort_code' as place,
        statements.need_code as named_by,
        statements.cohort_code as code
    from {{ source('knowledge', 'need_statements') }} as statements
    left join {{ source('knowledge', 'cohorts') }} as cohorts using (cohort_code)
    where cohorts.cohort_code is null
    union all
    select
        'need_statements.measure_id' as place,
        statements.need_code as named_by,
        statements.measure_id as code
    from {{ source('knowledge', 'need_statements') }} as statements
    left join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    where statements.measure_id is not null and measures.measure_id is null
    union all
    select
        'theme_crosswalk.theme_code' as place,
        crosswalk.theme_label as named_by,
        crosswalk.theme_code as code
    from {{ source('knowledge', 'theme_crosswalk') }} as crosswalk
    left join {{ source('knowledge', 'themes') }} as themes using (theme_code)
    where themes.theme_code is null
)

select
    place,
    named_by,
    code
from unknown_codes
