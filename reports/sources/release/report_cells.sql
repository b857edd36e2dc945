-- Every printed cell of every report table and figure, with its base.
select
    source,
    number,
    cohort_code,
    row_label,
    column_label,
    measure_code,
    value,
    n,
    base_n,
    answered_n,
    share_pct
from read_parquet('${release}/cells.parquet')
