-- Who was invited, who answered, and who of the base wave answered again.
select
    base_wave,
    cohort_code,
    dimension_code,
    member_code,
    invited_n,
    responded_n,
    response_pct,
    earlier_n,
    stayed_n,
    gone_n,
    new_n,
    retention_pct,
    obs_status
from read_parquet('${release}/gaps/gap_response_rate.parquet')
order by cohort_code, dimension_code, member_code
