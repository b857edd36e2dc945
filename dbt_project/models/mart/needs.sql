-- Grain: one row a wave × cohort × group × need (wave, cohort_code, dimension_code, member_code, need_code): how many
-- cities state it, how sure that is, how it differs from the other groups, and what they were asked.
select
    needs.wave,
    needs.cohort_code,
    cohorts.label as cohort_label,
    needs.dimension_code,
    groups.dimension_label,
    needs.member_code,
    groups.member_label,
    needs.need_code,
    labels.label as need_label,
    labels.theme_label,
    needs.n,
    needs.base_n,
    needs.share_pct,
    needs.share_low_pct,
    needs.share_high_pct,
    needs.mean_need_level,
    needs.others_share_pct,
    needs.difference_pp,
    evidence.evidence,
    evidence.evidence_kind,
    provenance.provenance
from {{ ref('gap_need_by_group') }} as needs
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
inner join {{ ref('dim_need') }} as labels using (need_code)
left join {{ ref('int_need_evidence') }} as evidence using (wave, cohort_code, need_code)
left join {{ ref('int_need_provenance') }} as provenance using (wave, cohort_code, need_code)
