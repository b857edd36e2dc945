-- How needs changed since the base wave of each wave, by all cities of a cohort and by the same cities.
select
    wave,
    base_wave,
    cohort_code,
    need_code,
    need_label,
    theme_code,
    comparison_kind,
    comparability,
    n,
    base_n,
    share_pct,
    comparison_n,
    comparison_base_n,
    comparison_share_pct,
    difference_pp,
    difference_low_pp,
    difference_high_pp,
    test_name,
    adjusted_p_value,
    verdict,
    obs_status
from read_parquet('${waves}/gaps/gap_need_change.parquet', union_by_name = true)
where dimension_code = 'all'
order by wave, cohort_code, need_label, comparison_kind
