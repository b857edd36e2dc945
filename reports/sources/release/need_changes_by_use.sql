-- How needs changed among cities that used a service for them, and among those that did not: no proof of cause.
select
    base_wave,
    cohort_code,
    need_code,
    need_label,
    services,
    use_code,
    comparability,
    n,
    base_n,
    share_pct,
    comparison_n,
    comparison_share_pct,
    difference_pp,
    obs_status
from read_parquet('${release}/gaps/gap_need_change_by_use.parquet')
order by cohort_code, need_label, use_code desc
