-- How ready cities are by index and level, by the scoring to quote; internal releases alone.
select
    cohort_code,
    dimension_code,
    member_code,
    index_code,
    index_label,
    level_code,
    readiness_label,
    position,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct
from read_parquet('${release}/gaps/gap_readiness.parquet')
where is_default
order by cohort_code, dimension_code, member_code, index_label, position
