-- Needs of Mission and Non-Mission Cities side by side in every wave, the largest of the Non-Mission Cities first.
select
    wave,
    need_code,
    need_label,
    theme_code,
    cohort_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    evidence,
    comparison_cohort_code,
    comparison_n,
    comparison_base_n,
    comparison_share_pct,
    comparison_share_low_pct,
    comparison_share_high_pct,
    comparison_evidence,
    difference_pp,
    comparability,
    verdict,
    verdict_basis,
    report_verdict,
    hidden_reason
from read_parquet('${waves}/gaps/gap_need_by_cohort.parquet', union_by_name = true)
order by wave desc, comparison_share_pct desc nulls last, need_label
