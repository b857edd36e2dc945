-- A verdict whose limit is missing would be another verdict: seeds/thresholds.csv has every limit that the rows use.
{{ config(meta={'dagster': {'ref': {'name': 'gap_need_by_cohort'}}}) }}
with used as (
    select codes.threshold_code
    from {{ ref('gap_need_by_cohort') }} as needs
    cross join
        (
            values ('relative_rank_difference'), ('stability_min'), ('stability_resamples')
        ) as codes (threshold_code)
    where needs.relative_rank_difference is not null
    union all
    select 'low_interest_pct' as threshold_code
    from {{ ref('gap_service_coverage') }}
    union all
    select codes.threshold_code
    from {{ ref('gap_evidence') }}
    cross join
        (
            values
            ('confidence_level'), ('evidence_adjusted_p'), ('evidence_base_min'), ('evidence_p'),
            ('exact_share_intervals')
        ) as codes (threshold_code)
    union all
    select codes.threshold_code
    from {{ ref('gap_reconciliation') }}
    cross join
        (
            values ('verbal_tolerance_pct'), ('minor_difference'), ('copied_cells_min'), ('copied_cells_share')
        ) as codes (threshold_code)
)

select distinct used.threshold_code
from used
left join {{ source('knowledge', 'thresholds') }} as thresholds using (threshold_code)
where thresholds.threshold_code is null
