-- Grain: one row a contradiction that a rule finds in a printed report (wave, erratum_id). All rules but one compare
-- the report with itself; `data` compares it with answers that were really given, never with synthetic ones.
with findings as (
    select
        wave,
        'totals' as rule_code,
        concat_ws('.', source_id, item_code, choice_code) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cast(null as varchar) as cell_id,
        item_code,
        choice_code,
        cast(null as varchar) as printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        total_kind
    from {{ ref('int_errata_totals') }}
    union all
    select
        wave,
        'lost_rows' as rule_code,
        concat_ws('.', table_id, member_code) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        null as cell_id,
        null as item_code,
        null as choice_code,
        'not printed' as printed,
        null as printed_value,
        contradicted_by,
        expected_value,
        'lost_row' as explanation_code,
        null as total_kind
    from {{ ref('int_errata_lost_rows') }}
    union all
    select
        wave,
        'share_sums' as rule_code,
        concat_ws('.', source_label, cohort_code, item_code, statistic) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        null as cell_id,
        null as item_code,
        null as choice_code,
        null as printed,
        printed_value,
        contradicted_by,
        expected_value,
        null as explanation_code,
        null as total_kind
    from {{ ref('int_errata_share_sums') }}
    union all
    select
        wave,
        'shares' as rule_code,
        concat_ws('.', cell_id, contradicted_by) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        null as item_code,
        null as choice_code,
        null as printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        null as total_kind
    from {{ ref('int_errata_shares') }}
    union all
    select
        wave,
        'impossible_shares' as rule_code,
        cell_id as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        null as item_code,
        null as choice_code,
        null as printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        null as total_kind
    from {{ ref('int_errata_impossible_shares') }}
    union all
    select
        wave,
        'repeats' as rule_code,
        cell_id as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        null as item_code,
        null as choice_code,
        null as printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        null as total_kind
    from {{ ref('int_errata_repeats') }}
    union all
    select
        wave,
        'copies' as rule_code,
        concat_ws('.', table_id, copied_table_id) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        null as cell_id,
        null as item_code,
        null as choice_code,
        cast(printed_value as bigint) || ' equal cells' as printed,
        null as printed_value,
        contradicted_by,
        null as expected_value,
        'copied_table' as explanation_code,
        null as total_kind
    from {{ ref('int_errata_copies') }}
    union all
    select
        wave,
        'headers' as rule_code,
        concat_ws('.', table_id, printed) as finding,
        source_label,
        source_order,
        place,
        cohort_code,
        null as cell_id,
        null as item_code,
        null as choice_code,
        printed,
        null as printed_value,
        contradicted_by,
        null as expected_value,
        'other_scale' as explanation_code,
        null as total_kind
    from {{ ref('int_errata_headers') }}
),

real_cohorts as (
    select distinct
        wave_rounds.wave,
        cohorts.cohort_code,
        rounds.title
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ ref('dim_cohort') }} as cohorts using (instrument)
    inner join {{ ref('dim_round') }} as rounds using (instrument, round)
    where not rounds.is_synthetic
),

reconciled as (
    select
        wave,
        cell_id,
        source_label,
        place,
        cohort_code,
        printed,
        printed_value,
        computed_value,
        reconciliation_status
    from {{ ref('gap_reconciliation') }}
),

contradicted_by_data as (
    select
        reconciled.wave,
        'data' as rule_code,
        reconciled.cell_id as finding,
        reconciled.source_label,
        numbers.source_order,
        reconciled.place,
        reconciled.cohort_code,
        reconciled.cell_id,
        null as item_code,
        null as choice_code,
        reconciled.printed,
        reconciled.printed_value,
        real_cohorts.title as contradicted_by,
        reconciled.computed_value as expected_value,
        null as explanation_code,
        null as total_kind
    from reconciled
    inner join real_cohorts using (wave, cohort_code)
    inner join {{ ref('int_published_numbers') }} as numbers using (wave, cell_id)
    where reconciled.reconciliation_status = 'differs'
),

all_findings as (
    select
        wave,
        rule_code,
        finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        item_code,
        choice_code,
        printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        total_kind
    from findings
    union all
    select
        wave,
        rule_code,
        finding,
        source_label,
        source_order,
        place,
        cohort_code,
        cell_id,
        item_code,
        choice_code,
        printed,
        printed_value,
        contradicted_by,
        expected_value,
        explanation_code,
        total_kind
    from contradicted_by_data
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
        all_findings.wave,
        all_findings.rule_code,
        all_findings.finding,
        all_findings.source_label,
        all_findings.source_order,
        all_findings.place,
        all_findings.cohort_code,
        all_findings.cell_id,
        coalesce(reconciled.printed, all_findings.printed) as printed,
        all_findings.printed_value,
        all_findings.contradicted_by,
        all_findings.expected_value,
        coalesce(reconciled.computed_value, cube.n) as computed_value,
        all_findings.total_kind,
        coalesce(
            all_findings.explanation_code,
            case
                when all_findings.total_kind = 'column' and copied_tables.source_label is not null then 'copied_table'
                when
                    all_findings.total_kind = 'column'
                    and short_tables.source_label is not null
                    and all_findings.printed_value < all_findings.expected_value
                    then 'missing_answers'
            end
        ) as explanation_code,
        abs(all_findings.printed_value - all_findings.expected_value) as distance
    from all_findings
    left join reconciled using (wave, cell_id)
    left join {{ ref('gap_cube') }} as cube
        on
            all_findings.wave = cube.wave
            and all_findings.cohort_code = cube.cohort_code
            and all_findings.item_code = cube.item_code
            and all_findings.choice_code = cube.choice_code
            and cube.dimension_code = 'all'
    left join copied_tables
        on all_findings.wave = copied_tables.wave and all_findings.source_label = copied_tables.source_label
    left join short_tables
        on all_findings.wave = short_tables.wave and all_findings.source_label = short_tables.source_label
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
    coalesce(
        explained.printed,
        case
            when explained.printed_value = floor(explained.printed_value)
                then cast(cast(explained.printed_value as bigint) as varchar)
            else cast(round(explained.printed_value, 4) as varchar)
        end
    ) as printed,
    explained.contradicted_by,
    explained.expected_value,
    cast(explained.computed_value as double) as computed_value,
    case
        when explained.explanation_code in ('other_rounding') then 'rounding'
        when explained.explanation_code in ('other_scale') then 'wording'
        when explained.rule_code in ('copies', 'lost_rows') then 'major'
        when explained.total_kind = 'bar' and explained.explanation_code = 'missing_answers' then 'minor'
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
cross join limits
