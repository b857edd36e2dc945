-- Grain: one row a place of a report table or figure that can hold a number (wave, table_id, cohort_code, row_code,
-- column_code, is_merged). Made of reviewed knowledge alone: what a report prints is read by it, and what we compute is
-- put in it. A table of an item whose classes are merged has its places twice: as printed, and by merged classes.
with printed as (
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

merged_items as (
    select distinct
        item_code,
        merged_item_code
    from {{ source('knowledge', 'class_merges') }}
),

selections as (
    select
        wave,
        table_id,
        source,
        number,
        row_axis,
        column_axis,
        measure,
        dimension_code,
        item_code,
        item_position,
        cohort_code,
        cohort_position,
        has_cohort_in_label,
        false as is_merged
    from printed
    union all
    select
        printed.wave,
        printed.table_id,
        printed.source,
        printed.number,
        printed.row_axis,
        printed.column_axis,
        printed.measure,
        coalesce(merged_dimensions.merged_item_code, printed.dimension_code) as dimension_code,
        coalesce(merged_items.merged_item_code, printed.item_code) as item_code,
        printed.item_position,
        printed.cohort_code,
        printed.cohort_position,
        printed.has_cohort_in_label,
        true as is_merged
    from printed
    left join merged_items as merged_dimensions on printed.dimension_code = merged_dimensions.item_code
    left join merged_items on printed.item_code = merged_items.item_code
    where merged_dimensions.item_code is not null or merged_items.item_code is not null
),

measures (measure_code, measure_position) as (
    values ('count', 1), ('share', 2), ('mean', 3), ('median', 4), ('sd', 5), ('min', 6), ('max', 7)
),

members as (
    select
        item_code as dimension_code,
        choice_code as member_code,
        label,
        position
    from {{ ref('dim_choice') }}
    where choice_kind <> 'answered'
    union all
    select
        'all' as dimension_code,
        'all' as member_code,
        'All' as label,
        1 as position
),

contents as (
    select
        item_code,
        choice_code,
        choice_kind,
        label,
        position,
        group_label,
        false as is_statistic
    from {{ ref('dim_choice') }}
    union all
    select
        item_code,
        cast(null as varchar) as choice_code,
        'level' as choice_kind,
        cast(null as varchar) as label,
        cast(null as bigint) as position,
        cast(null as varchar) as group_label,
        true as is_statistic
    from {{ ref('dim_item') }}
),

placed as (
    select
        selections.wave,
        selections.table_id,
        selections.source,
        selections.number,
        selections.row_axis,
        selections.column_axis,
        selections.cohort_code,
        selections.item_code,
        selections.is_merged,
        contents.choice_code,
        contents.choice_kind,
        selections.dimension_code,
        members.member_code,
        measures.measure_code,
        case when selections.has_cohort_in_label then cohorts.label || ': ' else '' end as label_start,
        case selections.row_axis
            when 'member' then members.member_code
            when 'choice' then contents.choice_code
            when 'choice_group' then contents.group_label
            when 'item' then selections.item_code
            when 'cohort' then selections.cohort_code
            when 'all' then 'all'
        end as row_code,
        case selections.row_axis
            when 'member' then members.label
            when 'choice' then contents.label
            when 'choice_group' then contents.group_label
            when 'item' then items.label
            when 'cohort' then cohorts.label
            when 'all' then 'All'
        end as row_usual_label,
        case selections.row_axis
            when 'member' then members.position
            when 'choice' then contents.position
            when 'item' then selections.item_position
            when 'cohort' then selections.cohort_position
            else 1
        end as row_position,
        case selections.column_axis
            when 'member' then members.member_code
            when 'choice' then contents.choice_code
            else measures.measure_code
        end as column_code,
        case selections.column_axis
            when 'member' then members.label
            when 'choice' then contents.label
            else measures.measure_code
        end as column_usual_label,
        case selections.column_axis
            when 'member' then members.position
            when 'choice' then contents.position
            else measures.measure_position
        end as column_position
    from selections
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
    inner join members using (dimension_code)
    inner join contents
        on selections.item_code = contents.item_code and (selections.measure = 'statistic') = contents.is_statistic
    inner join measures
        on
            selections.measure like '%' || measures.measure_code || '%'
            or selections.measure = 'statistic' and measures.measure_code <> 'share'
)

select
    placed.wave,
    placed.table_id,
    placed.source,
    placed.number,
    placed.cohort_code,
    placed.item_code,
    placed.choice_code,
    placed.choice_kind,
    placed.dimension_code,
    placed.member_code,
    placed.measure_code,
    placed.row_code,
    placed.label_start || coalesce(row_labels.label, placed.row_usual_label) as row_label,
    placed.column_code,
    coalesce(column_labels.label, placed.column_usual_label) as column_label,
    placed.row_position,
    placed.column_position,
    placed.is_merged
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
