-- Answers to every question of the release, whole and by city size, climate target and region.
select
    cohort_code,
    item_code,
    choice_code,
    dimension_code,
    member_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    obs_status
from read_parquet('${release}/gaps/gap_cube.parquet')
where choice_kind = 'level'
order by cohort_code, item_code, dimension_code, member_code, choice_code
