-- Grain: one row a wave × cohort × need × kind of comparison × group
-- (wave, cohort_code, need_code, comparison_kind, dimension_code, member_code): what changed since the base wave.
select
    changes.wave,
    changes.base_wave,
    changes.cohort_code,
    cohorts.label as cohort_label,
    changes.dimension_code,
    groups.dimension_label,
    changes.member_code,
    groups.member_label,
    changes.need_code,
    changes.need_label,
    changes.comparison_kind,
    changes.is_paired,
    changes.comparability,
    changes.n,
    changes.base_n,
    changes.share_pct,
    changes.comparison_n,
    changes.comparison_base_n,
    changes.comparison_share_pct,
    changes.difference_pp,
    changes.difference_low_pp,
    changes.difference_high_pp,
    changes.adjusted_p_value,
    changes.verdict
from {{ ref('gap_need_change') }} as changes
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
