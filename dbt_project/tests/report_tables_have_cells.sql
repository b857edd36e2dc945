-- A report table whose rounds are in the wave but that selects nothing is misspelt in the seeds.
{{ config(meta={'dagster': {'ref': {'name': 'gap_report_cell'}}}) }}
select
    tables.wave,
    tables.table_id
from {{ source('knowledge', 'tables') }} as tables
left join {{ ref('gap_report_cell') }} as cells using (wave, table_id)
where cells.table_id is null
