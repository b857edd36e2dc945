-- Grain: one row a comparison of two groups of cities (comparison_code), in words: the gap, how sure it is, a verdict.
select
    evidence.wave,
    evidence.comparison_kind,
    evidence.cohort_code,
    cohorts.label as cohort_label,
    evidence.dimension_code,
    groups.dimension_label,
    evidence.member_code,
    groups.member_label,
    evidence.comparison_cohort_code,
    other_cohorts.label as comparison_cohort_label,
    evidence.item_code,
    evidence.item_label,
    evidence.choice_code,
    evidence.choice_label,
    evidence.n,
    evidence.base_n,
    evidence.share_pct,
    evidence.comparison_n,
    evidence.comparison_base_n,
    evidence.comparison_share_pct,
    evidence.difference_pp,
    evidence.difference_low_pp,
    evidence.difference_high_pp,
    evidence.cliffs_delta,
    evidence.test_name,
    evidence.p_value,
    evidence.adjusted_p_value,
    evidence.comparability,
    evidence.verdict,
    evidence.comparison_code
from {{ ref('gap_evidence') }} as evidence
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
left join {{ ref('dim_cohort') }} as other_cohorts on evidence.comparison_cohort_code = other_cohorts.cohort_code
