-- Needs against the services that address them, the largest need of each cohort first.
select
    pathway_label,
    need_code,
    need_label,
    theme_code,
    cohort_code,
    dimension_code,
    member_code,
    need_rank,
    n,
    base_n,
    share_pct,
    service_code,
    service_label,
    service_basis,
    service_status,
    status_basis,
    status_wave,
    launched_on,
    interest_n,
    interest_base_n,
    interest_share_pct,
    is_interest_known,
    interest_basis,
    service_verdict,
    services_n,
    open_services_n,
    verdict_code,
    verdict,
    obs_status
from read_parquet('${release}/gaps/gap_service_coverage.parquet')
order by
    cohort_code, dimension_code, member_code, need_rank nulls last, need_label, pathway_label, service_label
