-- Grain: one row a wave × its base wave × cohort × need that was asked in either (wave, base_wave, cohort_code,
-- need_code): how far both asked alike. What both read in the same rounds is the same answers, and no change.
with wave_pairs as (
    select distinct
        waves.wave,
        waves.base_wave,
        sources.cohort_code
    from {{ source('knowledge', 'waves') }} as waves
    inner join {{ ref('int_cohort_sources') }} as sources on waves.wave = sources.wave
    inner join {{ ref('int_cohort_sources') }} as base_sources
        on waves.base_wave = base_sources.wave and sources.cohort_code = base_sources.cohort_code
),

read_rounds as (
    select
        wave,
        cohort_code,
        item_code,
        {{ joined_texts("instrument || '.' || round", 'instrument, round', separator=' ') }} as rounds
    from {{ ref('int_cohort_item_rounds') }}
    group by wave, cohort_code, item_code
),

asked as (
    select
        evidence.wave,
        evidence.cohort_code,
        evidence.need_code,
        evidence.evidence,
        evidence.comparability,
        read_rounds.rounds
    from {{ ref('int_need_evidence') }} as evidence
    inner join read_rounds using (wave, cohort_code, item_code)
),

needs_of_pairs as (
    select
        pairs.wave,
        pairs.base_wave,
        pairs.cohort_code,
        asked.need_code
    from wave_pairs as pairs
    inner join asked using (cohort_code)
    where asked.wave in (pairs.wave, pairs.base_wave)
    group by pairs.wave, pairs.base_wave, pairs.cohort_code, asked.need_code
)

select
    needs.wave,
    needs.base_wave,
    needs.cohort_code,
    needs.need_code,
    case
        when own.need_code is null then 'asked before only'
        when base.need_code is null then 'asked now only'
        when own.evidence <> base.evidence then 'another question'
        else {{ joint_comparability('own', 'base') }}
    end as comparability
from needs_of_pairs as needs
left join asked as own
    on needs.wave = own.wave and needs.cohort_code = own.cohort_code and needs.need_code = own.need_code
left join asked as base
    on needs.base_wave = base.wave and needs.cohort_code = base.cohort_code and needs.need_code = base.need_code
where own.rounds is distinct from base.rounds
