-- Who helps with each need of each group of cities, and who could, the largest need first.
select
    cohort_code,
    dimension_code,
    member_code,
    need_code,
    need_label,
    theme_code,
    n,
    base_n,
    share_pct,
    services_n,
    services,
    planned_services_n,
    initiatives_n,
    initiatives,
    with_support_n,
    without_support_n,
    without_support_pct,
    verdict,
    obs_status
from read_parquet('${release}/gaps/gap_support_coverage.parquet')
order by cohort_code, dimension_code, member_code, share_pct desc nulls last, need_label
