-- What cities wanted in the base wave, and what the same cities used since.
select
    base_wave,
    cohort_code,
    service_code,
    service_label,
    item_code,
    item_label,
    said_and_used_n,
    said_not_used_n,
    used_not_said_n,
    neither_said_nor_used_n,
    said_n,
    not_said_n,
    used_n,
    base_n,
    said_used_pct,
    not_said_used_pct,
    difference_pp,
    obs_status
from read_parquet('${release}/gaps/gap_intent_to_use.parquet')
where item_code = 'all'
order by cohort_code, service_label
