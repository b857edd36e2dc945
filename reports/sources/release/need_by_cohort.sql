-- Needs of two cohorts side by side in every wave, the largest of the second cohort first.
with cohorts as (
    select
        wave,
        code as cohort_code,
        label,
        position
    from read_parquet('${waves}/gaps/gap_label.parquet', union_by_name = true)
    where label_kind = 'cohort'
)

select
    needs.wave,
    needs.need_code,
    needs.need_label,
    needs.theme_code,
    needs.cohort_code,
    own.label as cohort_label,
    needs.n,
    needs.base_n,
    needs.share_pct,
    needs.share_low_pct,
    needs.share_high_pct,
    needs.evidence,
    needs.provenance,
    needs.comparison_cohort_code,
    other.label as comparison_cohort_label,
    needs.comparison_n,
    needs.comparison_base_n,
    needs.comparison_share_pct,
    needs.comparison_share_low_pct,
    needs.comparison_share_high_pct,
    needs.comparison_evidence,
    needs.comparison_evidence_kind,
    needs.comparison_provenance,
    needs.difference_pp,
    needs.comparability,
    needs.verdict,
    needs.stability,
    needs.verdict_basis,
    needs.why_not_known,
    needs.verdict_provenance,
    needs.is_synthetic,
    needs.report_verdict,
    needs.obs_status
from read_parquet('${waves}/gaps/gap_need_by_cohort.parquet', union_by_name = true) as needs
inner join cohorts as own on needs.wave = own.wave and needs.cohort_code = own.cohort_code
inner join cohorts as other on needs.wave = other.wave and needs.comparison_cohort_code = other.cohort_code
order by needs.wave desc, own.position, other.position, needs.comparison_share_pct desc nulls last, needs.need_label
