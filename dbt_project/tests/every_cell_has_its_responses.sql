-- The cities whose responses are behind a cell of a report table are as many as its n, for every cell and for no other
-- place. Those by merged classes count the cities of several.
{{ config(meta={'dagster': {'ref': {'name': 'fct_cell_response'}}}) }}
with traced as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        column_code,
        count(distinct city_key) as cities_n
    from {{ ref('fct_cell_response') }}
    group by wave, table_id, cohort_code, row_code, column_code
)

select
    wave,
    table_id,
    cohort_code,
    row_code,
    column_code,
    cells.n,
    traced.cities_n
from {{ ref('gap_report_cell') }} as cells
full join traced using (wave, table_id, cohort_code, row_code, column_code)
where cells.is_merged is not true and (cells.n is null or cells.n <> coalesce(traced.cities_n, 0))
