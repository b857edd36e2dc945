-- The cube of every wave, a file for each question: what the table builder asks for.
select
    item_code as part,
    wave,
    cohort_code,
    dimension_code,
    member_code,
    choice_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    obs_status
from read_parquet('${waves}/gaps/gap_cube.parquet', union_by_name = true)
where choice_kind = 'level'
order by item_code, wave, cohort_code, dimension_code, member_code, choice_code
