-- The way through each service, from registered to completed, by cohort and group.
select
    service_code,
    service_label,
    step_code,
    step_label,
    position,
    cohort_code,
    dimension_code,
    member_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    registered_n,
    registered_share_pct,
    obs_status
from read_parquet('${release}/gaps/gap_service_usage.parquet')
order by cohort_code, dimension_code, member_code, service_label, position
