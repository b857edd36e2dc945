-- Needs as cities answered, and weighted by size and region: in internal releases alone.
select
    cohort_code,
    need_code,
    need_label,
    base_n,
    share_pct,
    weighted_share_pct,
    effective_n,
    covered_pct
from read_parquet('${release}/gaps/gap_need_weighted.parquet')
order by cohort_code, share_pct desc, need_label
