-- Needs of Mission and Non-Mission Cities side by side, the largest of the Non-Mission Cities first.
select
    need_code,
    need_label,
    theme_code,
    cohort_code,
    n,
    base_n,
    share_pct,
    comparison_cohort_code,
    comparison_n,
    comparison_base_n,
    comparison_share_pct,
    difference_pp,
    comparability,
    verdict,
    verdict_basis,
    report_verdict,
    hidden_reason
from read_parquet('${release}/gaps/gap_need_by_cohort.parquet')
order by comparison_share_pct desc nulls last, need_label
