-- Who takes part in which initiatives, and in which kinds, levels and offers of them.
select
    attribute,
    item_code,
    choice_code,
    label,
    position,
    kind_label,
    level_label,
    owner,
    offers,
    eligible,
    eligibility_condition,
    relation_label,
    opening_label,
    cohort_code,
    dimension_code,
    member_code,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    obs_status
from read_parquet('${release}/gaps/gap_initiative_by_cohort.parquet')
order by attribute, cohort_code, dimension_code, member_code, position
