-- The cities whose responses are behind a cell of a report table are as many as its n, for every cell and for no other
-- place, each response once and with its place in the source. Those by merged classes count the cities of several. Of
-- cells whose n are more in all than can be traced in a build, some are looked at, the same ones each time.
{{ config(meta={'dagster': {'ref': {'name': 'gap_report_cell'}}}) }}
with cells as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        column_code,
        n
    from {{ ref('gap_report_cell') }}
    where not is_merged
),

sized as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        places.row_label,
        column_code,
        places.column_label,
        places.item_code,
        places.choice_code,
        places.choice_kind,
        places.dimension_code,
        places.member_code,
        coalesce(places.is_merged, false) as is_merged,
        cells.n,
        {{ running_total('coalesce(cells.n, 0)', 'wave, table_id, cohort_code, row_code, column_code') }} as total_n
    from {{ ref('int_report_places') }} as places
    full join cells using (wave, table_id, cohort_code, row_code, column_code)
    where places.is_merged is not true
),

checked as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        row_label,
        column_code,
        column_label,
        item_code,
        choice_code,
        choice_kind,
        dimension_code,
        member_code,
        is_merged,
        n
    from sized
    where total_n <= {{ var('traced_rows_checked_n') }}
),

responses as (
    {{ traced_cells('checked') }}
),

traced as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        column_code,
        count(*) as responses_n,
        count(distinct response_key) as different_responses_n,
        count(source_file) as responses_with_file_n,
        count(source_row) as responses_with_row_n,
        count(distinct city_key) as cities_n
    from responses
    group by wave, table_id, cohort_code, row_code, column_code
)

select
    wave,
    table_id,
    cohort_code,
    row_code,
    column_code,
    checked.n,
    traced.cities_n,
    traced.responses_n,
    traced.different_responses_n
from checked
full join traced using (wave, table_id, cohort_code, row_code, column_code)
where
    checked.n is null and traced.cities_n > 0
    or checked.n <> coalesce(traced.cities_n, 0)
    or traced.responses_n <> traced.different_responses_n
    or traced.responses_n <> least(traced.responses_with_file_n, traced.responses_with_row_n)
