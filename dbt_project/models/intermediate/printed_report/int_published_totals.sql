-- Grain: one row a total that a printed source implies (wave, source_id, cohort_code, item_code, choice_code): how many
-- responses have a choice, by the rows or columns of a table, a figure or a sentence. Item `all`: the whole cohort.
with numbers as (
    select
        wave,
        coalesce(table_id, cell_id) as source_id,
        source_label,
        source_order,
        source,
        table_id,
        cohort_code,
        item_code,
        choice_code,
        dimension_code,
        member_code,
        value
    from {{ ref('int_published_numbers') }}
    where
        statistic = 'count'
        and choice_kind = 'level'
        and choice_code is not null
        and precision_code = 'exact'
),

single_items as (
    select
        items.item_code,
        count(*) as choices_n
    from {{ ref('dim_item') }} as items
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    where items.kind = 'single' and choices.choice_kind = 'level'
    group by items.item_code
),

printed_members as (
    select
        wave,
        table_id,
        cohort_code,
        dimension_code,
        count(distinct member_code) as members_n
    from numbers
    where dimension_code <> 'all'
    group by wave, table_id, cohort_code, dimension_code
),

-- A table whose rows are not all printed has no column totals.
complete_tables as (
    select
        wave,
        table_id,
        cohort_code,
        members_n = max(members_n) over (partition by wave, cohort_code, dimension_code) as is_complete
    from printed_members
),

column_totals as (
    select
        numbers.wave,
        numbers.source_id,
        numbers.source_label,
        numbers.source_order,
        'column' as total_kind,
        numbers.cohort_code,
        numbers.item_code,
        numbers.choice_code,
        sum(numbers.value) as total
    from numbers
    inner join complete_tables using (wave, table_id, cohort_code)
    where numbers.dimension_code <> 'all' and complete_tables.is_complete
    group by all
),

row_totals as (
    select
        numbers.wave,
        numbers.source_id,
        numbers.source_label,
        numbers.source_order,
        'row' as total_kind,
        numbers.cohort_code,
        numbers.dimension_code as item_code,
        numbers.member_code as choice_code,
        sum(numbers.value) as total
    from numbers
    inner join single_items using (item_code)
    where numbers.dimension_code <> 'all'
    group by all
),

single_totals as (
    select
        wave,
        source_id,
        source_label,
        source_order,
        'number' as total_kind,
        cohort_code,
        item_code,
        choice_code,
        value as total
    from numbers
    where dimension_code = 'all'
),

-- A figure's bar that shows every choice of an item adds up to the cohort, and so do the sentences of a text.
bar_totals as (
    select
        numbers.wave,
        coalesce(numbers.table_id, 'text') || '.' || numbers.item_code as source_id,
        coalesce(max(numbers.source_label) filter (where numbers.source <> 'prose'), 'Text')
        || ', ' || items.label as source_label,
        100000 + min(numbers.source_order) as source_order,
        'bar' as total_kind,
        numbers.cohort_code,
        'all' as item_code,
        'all' as choice_code,
        sum(numbers.value) as total
    from numbers
    inner join single_items using (item_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    where numbers.dimension_code = 'all'
    group by
        numbers.wave, numbers.table_id, numbers.item_code, items.label, numbers.cohort_code, single_items.choices_n
    having count(*) = count(distinct numbers.choice_code) and count(*) = single_items.choices_n
)

select
    wave,
    source_id,
    source_label,
    source_order,
    total_kind,
    cohort_code,
    item_code,
    choice_code,
    total
from column_totals
union all
select
    wave,
    source_id,
    source_label,
    source_order,
    total_kind,
    cohort_code,
    item_code,
    choice_code,
    total
from row_totals
union all
select
    wave,
    source_id,
    source_label,
    source_order,
    total_kind,
    cohort_code,
    item_code,
    choice_code,
    total
from single_totals
union all
select
    wave,
    source_id,
    source_label,
    source_order,
    total_kind,
    cohort_code,
    item_code,
    choice_code,
    total
from bar_totals
