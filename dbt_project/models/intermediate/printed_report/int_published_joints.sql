-- Grain: one row a printed crosstab cell, read both ways (wave, table_id, item_code, choice_code, other_item_code,
-- other_choice_code): how many responses have both choices.
with cells as (
    select
        wave,
        table_id,
        source_label,
        cohort_code,
        item_code,
        choice_code,
        dimension_code,
        member_code,
        value
    from {{ ref('int_published_numbers') }}
    where statistic = 'count' and choice_kind = 'level' and dimension_code <> 'all' and choice_code is not null
)

select
    wave,
    table_id,
    source_label,
    cohort_code,
    item_code,
    choice_code,
    dimension_code as other_item_code,
    member_code as other_choice_code,
    value as n
from cells
union all
select
    wave,
    table_id,
    source_label,
    cohort_code,
    dimension_code as item_code,
    member_code as choice_code,
    item_code as other_item_code,
    choice_code as other_choice_code,
    value as n
from cells
