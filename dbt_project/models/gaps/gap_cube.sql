-- Grain: one row a wave × cohort × item × choice × grouping dimension × member
-- (wave, cohort_code, item_code, choice_code, dimension_code, member_code): every count with its share and interval.
select
    counts.wave,
    counts.cohort_code,
    counts.item_code,
    counts.choice_code,
    counts.choice_kind,
    counts.dimension_code,
    counts.member_code,
    counts.n,
    counts.base_n,
    counts.members_n,
    counts.answered_n,
    counts.share_pct,
    intervals.share_low_pct,
    intervals.share_high_pct
from {{ ref('int_cube_counts') }} as counts
left join {{ ref('int_share_intervals') }} as intervals using (n, base_n)
