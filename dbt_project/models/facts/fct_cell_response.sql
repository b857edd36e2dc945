-- Grain: one row a cell of a report table × response of a city that its n counts
-- (wave, table_id, cohort_code, row_code, column_code, response_key). A cell with n = 0 has no row. A query that is
-- answered when it is asked: rows of all cells would be many times the answers.
{{ config(materialized='view') }}
{{ traced_cells(ref('int_report_places')) }}
