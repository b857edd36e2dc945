-- Every class of an item whose classes are merged is in one merged class, and every merged class has some. A class that
-- was left out would be missing from what everybody sees; choices of several that may be ticked do not add up.
{{ config(meta={'dagster': {'ref': {'name': 'dim_choice'}}}) }}
with merged_items as (
    select distinct
        item_code,
        merged_item_code
    from {{ source('knowledge', 'class_merges') }}
),

listed as (
    select
        merged_items.item_code,
        merged_items.merged_item_code,
        choices.choice_code,
        count(class_merges.choice_code) as merges_n
    from merged_items
    inner join {{ ref('dim_choice') }} as choices on merged_items.item_code = choices.item_code
    left join {{ source('knowledge', 'class_merges') }} as class_merges
        on
            merged_items.item_code = class_merges.item_code
            and merged_items.merged_item_code = class_merges.merged_item_code
            and choices.choice_code = class_merges.choice_code
    where choices.choice_kind = 'level'
    group by merged_items.item_code, merged_items.merged_item_code, choices.choice_code
)

select
    item_code,
    choice_code as code,
    'list the choice once in class_merges.csv' as problem
from listed
where merges_n <> 1
union all
select
    merged_items.merged_item_code as item_code,
    choices.choice_code as code,
    'no class is merged into it: list one in class_merges.csv, or take it out of scales.csv' as problem
from merged_items
inner join {{ ref('dim_choice') }} as choices on merged_items.merged_item_code = choices.item_code
left join {{ source('knowledge', 'class_merges') }} as class_merges
    on
        merged_items.merged_item_code = class_merges.merged_item_code
        and choices.choice_code = class_merges.merged_choice_code
where choices.choice_kind = 'level' and class_merges.item_code is null
union all
select
    item_code,
    string_agg(merged_item_code, ', ') as code,
    'an item is merged in one way: leave one item of merged classes' as problem
from merged_items
group by item_code
having count(*) > 1
union all
select
    merged_items.item_code,
    merged_items.merged_item_code as code,
    'both items are of kind single, are dimensions or not alike, and only the first has sources' as problem
from merged_items
inner join {{ source('knowledge', 'items') }} as detailed on merged_items.item_code = detailed.item_code
inner join {{ source('knowledge', 'items') }} as merged on merged_items.merged_item_code = merged.item_code
where
    detailed.kind <> 'single'
    or merged.kind <> 'single'
    or detailed.is_dimension <> merged.is_dimension
    or detailed.base_rule <> merged.base_rule
    or merged.item_code in (
        select sources.item_code
        from {{ source('knowledge', 'item_sources') }} as sources
        union all
        select class_merges.item_code
        from {{ source('knowledge', 'class_merges') }} as class_merges
    )
