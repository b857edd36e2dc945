-- Grain: one row a contradiction that a rule finds in a printed report (wave, erratum_id). All rules but one compare
-- the report with itself; `data` compares it with answers that were really given.
with findings as (
    select
        rule_code,
        wave,
        finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        printed,
        printed_value,
        expected_value,
        contradicted_by,
        explanation_code,
        alternatives
    from {{ ref('int_errata_numbers') }}
    union all by name
    {{ stacked('int_errata_', ['headers', 'references', 'facts', 'lists', 'data']) }}
),

reconciled as (
    select
        wave,
        cell_id,
        printed,
        computed_value
    from {{ ref('gap_reconciliation') }}
),

limits as (
    select max(value) filter (where threshold_code = 'minor_difference') as minor_difference
    from {{ source('knowledge', 'thresholds') }}
),

explained as (
    select
        findings.wave,
        findings.rule_code,
        findings.finding,
        findings.source_label,
        findings.source_order,
        findings.place,
        findings.cohort_code,
        findings.cell_id,
        coalesce(findings.printed, reconciled.printed) as printed,
        findings.printed_value,
        findings.contradicted_by,
        findings.expected_value,
        reconciled.computed_value,
        findings.alternatives,
        findings.explanation_code,
        abs(findings.printed_value - findings.expected_value) as distance
    from findings
    left join reconciled using (wave, cell_id)
)

select
    explained.wave,
    explained.rule_code || '.' || explained.finding as erratum_id,
    explained.rule_code,
    rules.label as rule_label,
    explained.source_label,
    explained.place,
    explained.cohort_code,
    explained.cell_id,
    coalesce(explained.printed, {{ number_text('round(explained.printed_value, 4)') }}) as printed,
    explained.contradicted_by,
    explained.alternatives,
    explained.expected_value,
    cast(explained.computed_value as double) as computed_value,
    explained.rule_code = 'data' and cohorts.is_confidential as is_from_answers,
    case
        when explained.explanation_code = 'other_rounding' then 'rounding'
        when explained.explanation_code = 'other_scale' or explained.rule_code in ('references', 'facts') then 'wording'
        when explained.rule_code in ('copies', 'exchanges', 'lost_rows') then 'major'
        when explained.distance <= limits.minor_difference then 'minor'
        else 'major'
    end as severity,
    explained.explanation_code,
    explanations.label as explanation,
    explained.source_order as position
from explained
inner join {{ source('knowledge', 'errata_rules') }} as rules
    on rules.kind = 'rule' and explained.rule_code = rules.code
left join {{ source('knowledge', 'errata_rules') }} as explanations
    on explanations.kind = 'explanation' and explained.explanation_code = explanations.code
left join {{ ref('dim_cohort') }} as cohorts on explained.cohort_code = cohorts.cohort_code
cross join limits
