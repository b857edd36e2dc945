-- Initiatives with their relation to NetZeroCities, the cities that they reach and the needs that they address.
select
    cohort_code,
    initiative_code,
    initiative_label,
    kind_label,
    relation_label,
    opening_label,
    need_code,
    need_label,
    need_basis,
    reached_n,
    reached_base_n,
    reached_pct,
    obs_status
from read_parquet('${release}/gaps/gap_partnership.parquet')
order by cohort_code, relation_label, reached_n desc nulls last, initiative_label, need_label
