-- Each item and cohort that a report table names has cells in it, and each label of its own is used.
-- A wave without rounds yet may have tables: those of a draft report.
{{ config(meta={'dagster': {'ref': {'name': 'gap_report_cell'}}}) }}
with waves as (
    select distinct wave
    from {{ source('knowledge', 'wave_rounds') }}
),

members as (
    select
        members.wave,
        members.table_id,
        members.member_code as code
    from {{ source('knowledge', 'table_members') }} as members
    inner join waves using (wave)
    left join {{ ref('gap_report_cell') }} as cells
        on
            members.wave = cells.wave
            and members.table_id = cells.table_id
            and members.member_code
            = case members.member_kind when 'item' then cells.item_code else cells.cohort_code end
    where cells.table_id is null
),

labels as (
    select
        labels.wave,
        labels.table_id,
        labels.label as code
    from {{ source('knowledge', 'table_labels') }} as labels
    inner join waves using (wave)
    left join {{ ref('gap_report_cell') }} as cells
        on
            labels.wave = cells.wave
            and labels.table_id = cells.table_id
            and labels.code = case labels.axis when 'row' then cells.row_code else cells.column_code end
    where cells.table_id is null
)

select
    wave,
    table_id,
    code
from members
union all
select
    wave,
    table_id,
    code
from labels
