-- Grain: one row a wave × table or figure of the report × cohort (wave, table_id, cohort_code): its title, and on how
-- many cities its numbers rest.
with cells as (
    select
        wave,
        table_id,
        source,
        number,
        cohort_code,
        count(*) as cells_n,
        min(base_n) as least_base_n,
        max(base_n) as largest_base_n
    from {{ ref('gap_report_cell') }}
    group by wave, table_id, source, number, cohort_code
)

select
    cells.wave,
    cells.table_id,
    cells.source,
    cells.number,
    titles.title as table_title,
    cells.cohort_code,
    cohorts.label as cohort_label,
    cells.cells_n,
    cells.least_base_n,
    cells.largest_base_n
from cells
inner join {{ source('knowledge', 'tables') }} as titles using (wave, table_id)
left join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
