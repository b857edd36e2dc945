-- Grain: one row a wave × cohort × group × pathway × need × service of the need
-- (wave, cohort_code, dimension_code, member_code, pathway_code, need_code, service_code); one without a service where
-- a need has none. `verdict` is of the need, `service_verdict` of the one service.
select
    coverage.wave,
    coverage.cohort_code,
    cohorts.label as cohort_label,
    coverage.dimension_code,
    groups.dimension_label,
    coverage.member_code,
    groups.member_label,
    coverage.pathway_code,
    coverage.pathway_label,
    coverage.need_code,
    coverage.need_label,
    coverage.n,
    coverage.base_n,
    coverage.share_pct,
    coverage.service_code,
    coverage.service_label,
    coverage.service_status,
    coverage.is_open,
    coverage.interest_n,
    coverage.interest_base_n,
    coverage.interest_share_pct,
    coverage.service_verdict,
    coverage.services_n,
    coverage.open_services_n,
    coverage.verdict
from {{ ref('gap_service_coverage') }} as coverage
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
