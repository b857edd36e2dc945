-- Every number that a report printed has a row in the reconciliation, and one that is not computable says why.
{{ config(meta={'dagster': {'ref': {'name': 'gap_reconciliation'}}}) }}
select
    cells.wave,
    cells.cell_id,
    reconciliation.reconciliation_status
from {{ source('knowledge', 'published_cells') }} as cells
left join {{ ref('gap_reconciliation') }} as reconciliation using (wave, cell_id)
where
    reconciliation.cell_id is null
    or (reconciliation.reconciliation_status = 'not computable from our data')
    <> (reconciliation.why_not_computable is not null)
