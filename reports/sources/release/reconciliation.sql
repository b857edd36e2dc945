-- Every number of the printed report beside the computed one.
select
    source_label,
    place,
    printed,
    printed_value,
    computed_value,
    n,
    base_n,
    difference,
    reconciliation_status,
    rounding,
    why_not_computable
from read_parquet('${release}/gaps/gap_reconciliation.parquet')
order by source desc, number, line, cell_id
