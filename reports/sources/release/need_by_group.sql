-- Needs by city size, climate target and region: each group against the rest of its cohort.
select
    cohort_code,
    need_code,
    dimension_code,
    member_code,
    n,
    base_n,
    share_pct,
    others_share_pct,
    difference_pp,
    hidden_reason
from read_parquet('${release}/gaps/gap_need_by_group.parquet')
where dimension_code <> 'all'
order by cohort_code, need_code, dimension_code, member_code
