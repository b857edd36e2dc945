-- Grain: one row a text of the report × need that it states (wave, line, need_code): Tables 1 and 37 with the statistic
-- that supports each text, where one exists.
with texts as (
    select
        wave,
        line,
        source,
        number,
        row_label,
        cohort,
        value
    from {{ source('knowledge', 'published_texts') }}
),

shares as (
    select
        wave,
        cohort_code,
        need_code,
        n,
        base_n,
        share_pct
    from {{ ref('gap_need_by_group') }}
    where dimension_code = 'all'
),

printed_measures as (
    select distinct
        wave,
        measure_id
    from {{ ref('int_reproduced_numbers') }}
    where measure_id is not null
)

select
    statements.wave,
    statements.line,
    texts.source,
    texts.number,
    texts.cohort as stated_for,
    statements.cohort_code,
    texts.row_label as theme_label,
    texts.value as statement,
    statements.need_code,
    needs.label as need_label,
    needs.theme_code,
    coalesce(evidence.evidence, measures.measure_label) as evidence,
    coalesce(evidence.evidence_basis, case when measures.measure_id is not null then 'inferred' end) as evidence_basis,
    case
        when provenance.provenance is not null then provenance.provenance
        when measures.measure_id is null then null
        when not sources.is_synthetic then 'real'
        when printed_measures.measure_id is not null then 'printed'
        else 'synthetic'
    end as provenance,
    coalesce(shares.n, measures.n) as n,
    coalesce(shares.base_n, measures.base_n) as base_n,
    coalesce(shares.share_pct, {{ percent('measures.n', 'measures.base_n') }}) as share_pct
from {{ source('knowledge', 'need_statements') }} as statements
inner join texts using (wave, line)
inner join {{ ref('dim_need') }} as needs using (need_code)
left join {{ ref('int_need_evidence') }} as evidence
    on
        statements.wave = evidence.wave
        and statements.cohort_code = evidence.cohort_code
        and statements.need_code = evidence.need_code
left join {{ ref('int_need_provenance') }} as provenance
    on
        statements.wave = provenance.wave
        and statements.cohort_code = provenance.cohort_code
        and statements.need_code = provenance.need_code
left join shares
    on
        statements.wave = shares.wave
        and statements.cohort_code = shares.cohort_code
        and statements.need_code = shares.need_code
left join {{ ref('gap_measure') }} as measures
    on statements.wave = measures.wave and statements.measure_id = measures.measure_id
left join printed_measures
    on measures.wave = printed_measures.wave and measures.measure_id = printed_measures.measure_id
left join {{ ref('int_cohort_sources') }} as sources
    on measures.wave = sources.wave and measures.cohort_code = sources.cohort_code
