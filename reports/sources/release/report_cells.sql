-- Every cell of every report table and figure in the order of print, with its base, its interval and whether it is hidden.
select
    file_row_number as position,
    source,
    number,
    cohort_code,
    row_code,
    row_label,
    column_code,
    column_label,
    choice_code,
    member_code,
    measure_code,
    value,
    n,
    base_n,
    answered_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    obs_status
from read_parquet('${release}/cells.parquet', file_row_number = true)
order by position
