-- Whole cohorts compared: differences with intervals, tests and a verdict in words.
select
    family,
    item_code,
    item_label,
    choice_code,
    choice_label,
    cohort_code,
    n,
    base_n,
    share_pct,
    comparison_cohort_code,
    comparison_n,
    comparison_base_n,
    comparison_share_pct,
    difference_pp,
    difference_low_pp,
    difference_high_pp,
    p_value,
    adjusted_p_value,
    verdict,
    is_paired,
    hidden_reason
from read_parquet('${release}/gaps/gap_evidence.parquet')
where dimension_code = 'all'
order by is_paired, family, item_code, choice_code
