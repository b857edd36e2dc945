-- Grain: one row a kind × parent × code (label_kind, parent_code, code): what a cohort, or a class of cities, is.
-- Classes of a number are told by their bounds, those of countries by the countries, merged ones by their parts.
with number_items as (
    select distinct
        classed.choice_map,
        classed.item_code,
        items.label as number_label
    from {{ source('knowledge', 'item_sources') }} as classed
    inner join {{ source('knowledge', 'item_sources') }} as numbers
        on
            classed.instrument = numbers.instrument
            and classed.round = numbers.round
            and classed.question_code = numbers.question_code
            and numbers.method = 'number'
    inner join {{ source('knowledge', 'items') }} as items on numbers.item_code = items.item_code
    where classed.method = 'class'
),

bounds as (
    select
        choice_map,
        choice_code,
        format('{:,}', cast(lower_inclusive as bigint)) as lowest,
        format('{:,}', cast(upper_exclusive as bigint)) as next_lowest,
        lower_inclusive = 0 as is_from_zero
    from {{ source('knowledge', 'number_classes') }}
    -- A bound between whole numbers only tells something from nothing.
    where lower_inclusive = floor(lower_inclusive) and coalesce(upper_exclusive = floor(upper_exclusive), true)
),

number_classes as (
    select
        number_items.item_code,
        bounds.choice_code,
        min(number_items.number_label || ': ' || case
            when bounds.next_lowest is null then bounds.lowest || ' and more'
            when bounds.is_from_zero then 'below ' || bounds.next_lowest
            else 'from ' || bounds.lowest || ' to below ' || bounds.next_lowest
        end) as definition
    from bounds
    inner join number_items on bounds.choice_map = number_items.choice_map
    group by number_items.item_code, bounds.choice_code
),

countries as (
    select distinct
        item_sources.item_code,
        maps.choice_code,
        choices.label
    from {{ source('knowledge', 'item_sources') }} as item_sources
    inner join {{ source('knowledge', 'questions') }} as questions
        on
            item_sources.instrument = questions.instrument
            and item_sources.round = questions.round
            and item_sources.question_code = questions.question_code
    inner join {{ source('knowledge', 'choices') }} as choices
        on
            questions.instrument = choices.instrument
            and questions.round = choices.round
            and questions.list_name = choices.list_name
    inner join {{ source('knowledge', 'choice_maps') }} as maps
        on item_sources.choice_map = maps.choice_map and choices.choice_code = maps.source_choice
    where item_sources.method = 'map' and questions.role = 'country'
),

country_classes as (
    select
        item_code,
        choice_code,
        string_agg(label, ', ' order by label) as definition
    from countries
    group by item_code, choice_code
),

single_classes as (
    select
        item_code,
        choice_code,
        definition
    from number_classes
    union all
    select
        item_code,
        choice_code,
        definition
    from country_classes
),

merged_classes as (
    select
        merged.merged_item_code as item_code,
        merged.merged_choice_code as choice_code,
        -- A class that is merged of none but itself is what that one is.
        case
            when count(*) = 1 then min(single_classes.definition)
            else string_agg(
                choices.label || coalesce(' (' || single_classes.definition || ')', ''), '; ' order by choices.position
            )
        end as definition
    from {{ source('knowledge', 'class_merges') }} as merged
    inner join {{ ref('dim_choice') }} as choices
        on merged.item_code = choices.item_code and merged.choice_code = choices.choice_code
    left join single_classes
        on merged.item_code = single_classes.item_code and merged.choice_code = single_classes.choice_code
    group by merged.merged_item_code, merged.merged_choice_code
)

select
    'cohort' as label_kind,
    '' as parent_code,
    cohort_code as code,
    description as definition
from {{ ref('dim_cohort') }}
union all
select
    'choice' as label_kind,
    item_code as parent_code,
    choice_code as code,
    definition
from single_classes
union all
select
    'choice' as label_kind,
    item_code as parent_code,
    choice_code as code,
    definition
from merged_classes
where definition is not null
