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
    evidence.evidence,
    evidence.evidence_basis,
    shares.n,
    shares.base_n,
    shares.share_pct
from {{ source('knowledge', 'need_statements') }} as statements
inner join texts using (wave, line)
inner join {{ ref('dim_need') }} as needs using (need_code)
left join {{ ref('int_need_evidence') }} as evidence
    on
        statements.wave = evidence.wave
        and statements.cohort_code = evidence.cohort_code
        and statements.need_code = evidence.need_code
left join shares
    on
        statements.wave = shares.wave
        and statements.cohort_code = shares.cohort_code
        and statements.need_code = shares.need_code
