-- Grain: one row a wave × cohort × group × need (wave, cohort_code, dimension_code, member_code, need_code): who helps
-- with it, and how many of the cities that state it take part in nothing that would.
select
    support.wave,
    support.cohort_code,
    cohorts.label as cohort_label,
    support.dimension_code,
    groups.dimension_label,
    support.member_code,
    groups.member_label,
    support.need_code,
    support.need_label,
    support.n,
    support.base_n,
    support.share_pct,
    support.services_n,
    support.services,
    support.planned_services_n,
    support.initiatives_n,
    support.initiatives,
    support.without_support_n,
    support.without_support_base_n,
    support.without_support_pct,
    support.verdict
from {{ ref('gap_support_coverage') }} as support
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
