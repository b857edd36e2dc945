-- Needs of each cohort in every wave, whole and by city size, climate target and region.
select
    wave,
    cohort_code,
    need_code,
    dimension_code,
    member_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    obs_status
from read_parquet('${waves}/gaps/gap_need_by_group.parquet', union_by_name = true)
order by wave, cohort_code, need_code, dimension_code, member_code
