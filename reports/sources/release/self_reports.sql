-- What cities say against what registers tell.
select
    cohort_code,
    item_code,
    choice_code,
    said_label,
    listed_label,
    says_and_listed_n,
    says_not_listed_n,
    listed_not_said_n,
    neither_n,
    listed_n,
    base_n,
    agreement_pct,
    obs_status
from read_parquet('${release}/gaps/gap_self_report.parquet')
order by cohort_code, base_n desc nulls last, listed_n desc nulls last, said_label, listed_label
