-- Grain: one row a printed cell of a report table or figure (wave, table_id, cohort_code, row_code, column_code).
-- A table is a row of seeds/tables.csv that says which axes of the cube are its rows and columns.
with tables as (
    select wave, table_id, source, number, title, row_axis, column_axis, dimension_code, measure
    from {{ source('knowledge', 'tables') }}
),

selected as (
    select
        tables.*,
        items.member_code as item_code,
        items.position as item_position,
        cohorts.member_code as cohort_code,
        cohorts.position as cohort_position
    from tables
    inner join {{ source('knowledge', 'table_members') }} as items
        on tables.wave = items.wave and tables.table_id = items.table_id and items.member_kind = 'item'
    inner join {{ source('knowledge', 'table_members') }} as cohorts
        on tables.wave = cohorts.wave and tables.table_id = cohorts.table_id and cohorts.member_kind = 'cohort'
),

labels as (
    select wave, table_id, axis, code, label
    from {{ source('knowledge', 'table_labels') }}
),

counts as (
    select
        selected.*,
        cube.choice_code,
        cube.choice_kind,
        cube.member_code,
        measures.measure_code,
        cube.n,
        cube.base_n,
        cube.answered_n,
        cube.share_pct,
        case measures.measure_code when 'share' then cube.share_pct else cube.n end as value
    from selected
    inner join {{ ref('gap_cube') }} as cube
        on selected.wave = cube.wave
        and selected.cohort_code = cube.cohort_code
        and selected.item_code = cube.item_code
        and coalesce(selected.dimension_code, 'all') = cube.dimension_code
    inner join (values ('count'), ('share')) as measures (measure_code)
        on selected.measure like '%' || measures.measure_code || '%'
    where selected.measure <> 'statistic'
),

statistics as (
    select
        selected.*,
        cast(null as varchar) as choice_code,
        cast(null as varchar) as choice_kind,
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
    from selected
    inner join {{ ref('gap_number_statistics') }} as numbers
        on selected.wave = numbers.wave
        and selected.cohort_code = numbers.cohort_code
        and selected.item_code = numbers.item_code
        and coalesce(selected.dimension_code, 'all') = numbers.dimension_code
    cross join (values ('count'), ('mean'), ('median'), ('sd'), ('min'), ('max')) as measures (measure_code)
    where selected.measure = 'statistic'
),

cells as (
    select * from counts
    union all
    select * from statistics
),

placed as (
    select
        cells.*,
        choices.label as choice_label,
        choices.group_label,
        items.label as item_label,
        cohorts.label as cohort_label,
        members.label as member_label,
        choices.position as choice_position,
        members.position as member_position,
        case cells.measure_code
            when 'count' then 1
            when 'share' then 2
            when 'mean' then 3
            when 'median' then 4
            when 'sd' then 5
            when 'min' then 6
            when 'max' then 7
        end as measure_position
    from cells
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    left join {{ ref('dim_choice') }} as choices
        on cells.item_code = choices.item_code and cells.choice_code = choices.choice_code
    left join {{ ref('dim_choice') }} as members
        on cells.dimension_code = members.item_code and cells.member_code = members.choice_code
),

coded as (
    select
        placed.*,
        case row_axis
            when 'member' then member_code
            when 'choice' then choice_code
            when 'choice_group' then group_label
            when 'item' then item_code
            when 'cohort' then cohort_code
            when 'all' then 'all'
        end as row_code,
        case row_axis
            when 'member' then member_label
            when 'choice' then choice_label
            when 'choice_group' then group_label
            when 'item' then item_label
            when 'cohort' then cohort_label
            when 'all' then 'All'
        end as row_usual_label,
        case row_axis
            when 'member' then member_position
            when 'choice' then choice_position
            when 'choice_group' then 1
            when 'item' then item_position
            when 'cohort' then cohort_position
            when 'all' then 1
        end as row_position,
        case column_axis
            when 'member' then member_code
            when 'choice' then choice_code
            else measure_code
        end as column_code,
        case column_axis
            when 'member' then member_label
            when 'choice' then choice_label
            else measure_code
        end as column_usual_label,
        case column_axis
            when 'member' then member_position
            when 'choice' then choice_position
            else measure_position
        end as column_position
    from placed
)

select
    coded.wave,
    coded.table_id,
    coded.source,
    coded.number,
    coded.cohort_code,
    coded.item_code,
    coded.row_code,
    coalesce(row_labels.label, coded.row_usual_label) as row_label,
    coded.column_code,
    coalesce(column_labels.label, coded.column_usual_label) as column_label,
    coded.measure_code,
    coded.value,
    coded.n,
    coded.base_n,
    coded.answered_n,
    coded.share_pct,
    coded.row_position,
    coded.column_position
from coded
left join labels as row_labels
    on coded.wave = row_labels.wave
    and coded.table_id = row_labels.table_id
    and row_labels.axis = 'row'
    and coded.row_code = row_labels.code
left join labels as column_labels
    on coded.wave = column_labels.wave
    and coded.table_id = column_labels.table_id
    and column_labels.axis = 'column'
    and coded.column_code = column_labels.code
-- The choices `answered` and `missing`, and the member `missing`, are printed only where the table labels them.
where
    case
        when coalesce(coded.choice_kind, 'level') <> 'level' and coded.row_axis = 'choice' then row_labels.label is not null
        when coalesce(coded.choice_kind, 'level') <> 'level' then column_labels.label is not null
        else true
    end
    and (coded.row_axis <> 'member' or coded.row_code <> 'missing' or row_labels.label is not null)
    and (coded.column_axis <> 'member' or coded.column_code <> 'missing' or column_labels.label is not null)
