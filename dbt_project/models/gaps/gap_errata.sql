-- Grain: one row a contradiction that a rule finds in a printed report (wave, erratum_id). All rules but one compare
-- the report with itself; `data` compares it with answers that were really given.
with findings as (
    {{ stacked('int_errata_', [
        'totals', 'lost_rows', 'share_sums', 'shares', 'impossible_shares', 'repeats', 'copies', 'headers', 'data'
    ]) }}
),

reconciled as (
    select
        wave,
        cell_id,
        printed,
        computed_value
    from {{ ref('gap_reconciliation') }}
),

copied_tables as (
    select distinct
        wave,
        source_label
    from {{ ref('int_errata_copies') }}
),

short_tables as (
    select distinct
        wave,
        source_label
    from {{ ref('int_errata_totals') }}
    where total_kind = 'row' and explanation_code = 'missing_answers'
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
        coalesce(reconciled.printed, findings.printed) as printed,
        findings.printed_value,
        findings.contradicted_by,
        findings.expected_value,
        coalesce(reconciled.computed_value, cube.n) as computed_value,
        findings.total_kind,
        coalesce(
            findings.explanation_code,
            case
                when findings.total_kind = 'column' and copied_tables.source_label is not null then 'copied_table'
                when
                    findings.total_kind = 'column'
                    and short_tables.source_label is not null
                    and findings.printed_value < findings.expected_value
                    then 'missing_answers'
            end
        ) as explanation_code,
        abs(findings.printed_value - findings.expected_value) as distance
    from findings
    left join reconciled using (wave, cell_id)
    left join {{ ref('gap_cube') }} as cube
        on
            findings.wave = cube.wave
            and findings.cohort_code = cube.cohort_code
            and findings.item_code = cube.item_code
            and findings.choice_code = cube.choice_code
            and cube.dimension_code = 'all'
    left join copied_tables
        on findings.wave = copied_tables.wave and findings.source_label = copied_tables.source_label
    left join short_tables
        on findings.wave = short_tables.wave and findings.source_label = short_tables.source_label
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
    explained.expected_value,
    cast(explained.computed_value as double) as computed_value,
    explained.rule_code = 'data' and cohorts.is_confidential as is_from_answers,
    case
        when explained.explanation_code = 'other_rounding' then 'rounding'
        when explained.explanation_code = 'other_scale' then 'wording'
        when explained.rule_code in ('copies', 'lost_rows') then 'major'
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
