-- Grain: one row a printed cell of a report table or figure (wave, table_id, cohort_code, row_code, column_code).
-- A table is a row of seeds/tables.csv that says which axes of the cube are its rows and columns.
with selections as (
    select
        tables.wave,
        tables.table_id,
        tables.source,
        tables.number,
        tables.row_axis,
        tables.column_axis,
        tables.measure,
        coalesce(tables.dimension_code, 'all') as dimension_code,
        items.member_code as item_code,
        items.position as item_position,
        cohorts.member_code as cohort_code,
        cohorts.position as cohort_position,
        min(cohorts.member_code) over (partition by tables.wave, tables.table_id)
        <> max(cohorts.member_code) over (partition by tables.wave, tables.table_id)
        and tables.row_axis <> 'cohort' as has_cohort_in_label
    from {{ source('knowledge', 'tables') }} as tables
    inner join {{ source('knowledge', 'table_members') }} as items
        on tables.wave = items.wave and tables.table_id = items.table_id and items.member_kind = 'item'
    inner join {{ source('knowledge', 'table_members') }} as cohorts
        on tables.wave = cohorts.wave and tables.table_id = cohorts.table_id and cohorts.member_kind = 'cohort'
),

measures (measure_code, measure_position) as (
    values ('count', 1), ('share', 2), ('mean', 3), ('median', 4), ('sd', 5), ('min', 6), ('max', 7)
),

counts as (
    select
        selections.wave,
        selections.table_id,
        selections.cohort_code,
        selections.item_code,
        cube.choice_code,
        cube.choice_kind,
        cube.member_code,
        measures.measure_code,
        cube.n,
        cube.base_n,
        cube.answered_n,
        cube.share_pct,
        case measures.measure_code when 'share' then cube.share_pct else cube.n end as value
    from selections
    inner join {{ ref('gap_cube') }} as cube
        on
            selections.wave = cube.wave
            and selections.cohort_code = cube.cohort_code
            and selections.item_code = cube.item_code
            and selections.dimension_code = cube.dimension_code
    inner join measures on selections.measure like '%' || measures.measure_code || '%'
    where selections.measure <> 'statistic' and measures.measure_code in ('count', 'share')
),

statistics as (
    select
        selections.wave,
        selections.table_id,
        selections.cohort_code,
        selections.item_code,
        cast(null as varchar) as choice_code,
        'level' as choice_kind,
        numbers.member_code,
        measures.measure_code,
        numbers.n,
        numbers.n as base_n,
        numbers.n as answered_n,
        cast(null as double) as share_pct,
        case measures.measure_code
            when 'count' then numbers.n
            when 'mean' then numbers.mean
            when 'median' then numbers.median
            when 'sd' then numbers.sd
            when 'min' then numbers.minimum
            when 'max' then numbers.maximum
        end as value
    from selections
    inner join {{ ref('gap_number_statistics') }} as numbers
        on
            selections.wave = numbers.wave
            and selections.cohort_code = numbers.cohort_code
            and selections.item_code = numbers.item_code
            and selections.dimension_code = numbers.dimension_code
    inner join measures on measures.measure_code <> 'share'
    where selections.measure = 'statistic'
),

cells as (
    select
        wave,
        table_id,
        cohort_code,
        item_code,
        choice_code,
        choice_kind,
        member_code,
        measure_code,
        n,
        base_n,
        answered_n,
        share_pct,
        value
    from counts
    union all
    select
        wave,
        table_id,
        cohort_code,
        item_code,
        choice_code,
        choice_kind,
        member_code,
        measure_code,
        n,
        base_n,
        answered_n,
        share_pct,
        value
    from statistics
),

placed as (
    select
        cells.wave,
        cells.table_id,
        selections.source,
        selections.number,
        selections.row_axis,
        selections.column_axis,
        case when selections.has_cohort_in_label then cohorts.label || ': ' else '' end as label_start,
        cells.cohort_code,
        cells.item_code,
        cells.choice_kind,
        cells.measure_code,
        cells.n,
        cells.base_n,
        cells.answered_n,
        cells.share_pct,
        cells.value,
        case selections.row_axis
            when 'member' then cells.member_code
            when 'choice' then cells.choice_code
            when 'choice_group' then choices.group_label
            when 'item' then cells.item_code
            when 'cohort' then cells.cohort_code
            when 'all' then 'all'
        end as row_code,
        case selections.row_axis
            when 'member' then members.label
            when 'choice' then choices.label
            when 'choice_group' then choices.group_label
            when 'item' then items.label
            when 'cohort' then cohorts.label
            when 'all' then 'All'
        end as row_usual_label,
        case selections.row_axis
            when 'member' then members.position
            when 'choice' then choices.position
            when 'item' then selections.item_position
            when 'cohort' then selections.cohort_position
            else 1
        end as row_position,
        case selections.column_axis
            when 'member' then cells.member_code
            when 'choice' then cells.choice_code
            else cells.measure_code
        end as column_code,
        case selections.column_axis
            when 'member' then members.label
            when 'choice' then choices.label
            else cells.measure_code
        end as column_usual_label,
        case selections.column_axis
            when 'member' then members.position
            when 'choice' then choices.position
            else measures.measure_position
        end as column_position
    from cells
    inner join selections using (wave, table_id, cohort_code, item_code)
    inner join measures using (measure_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    left join {{ ref('dim_choice') }} as choices
        on cells.item_code = choices.item_code and cells.choice_code = choices.choice_code
    left join {{ ref('dim_choice') }} as members
        on selections.dimension_code = members.item_code and cells.member_code = members.choice_code
)

select
    placed.wave,
    placed.table_id,
    placed.source,
    placed.number,
    placed.cohort_code,
    placed.item_code,
    placed.row_code,
    placed.label_start || coalesce(row_labels.label, placed.row_usual_label) as row_label,
    placed.column_code,
    coalesce(column_labels.label, placed.column_usual_label) as column_label,
    placed.measure_code,
    placed.value,
    placed.n,
    placed.base_n,
    placed.answered_n,
    placed.share_pct,
    placed.row_position,
    placed.column_position
from placed
left join {{ source('knowledge', 'table_labels') }} as row_labels
    on
        placed.wave = row_labels.wave
        and placed.table_id = row_labels.table_id
        and placed.row_code = row_labels.code
        and row_labels.axis = 'row'
left join {{ source('knowledge', 'table_labels') }} as column_labels
    on
        placed.wave = column_labels.wave
        and placed.table_id = column_labels.table_id
        and placed.column_code = column_labels.code
        and column_labels.axis = 'column'
-- The choices `answered` and `missing`, and the member `missing`, are printed only where the table labels them.
where
    case
        when placed.choice_kind <> 'level' and placed.row_axis = 'choice' then row_labels.label is not null
        when placed.choice_kind <> 'level' then column_labels.label is not null
        else true
    end
    and (placed.row_axis <> 'member' or placed.row_code <> 'missing' or row_labels.label is not null)
    and (placed.column_axis <> 'member' or placed.column_code <> 'missing' or column_labels.label is not null)
