-- A need is found in one way: in a cohort by one item, in an item by choices that are chosen or by such that are not; a
-- row here is a need that is found in two.
{{ config(meta={'dagster': {'ref': {'name': 'int_cohort_items'}}}) }}
with unsound as (
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
)

select
    place,
    named_by,
    code
from unsound
