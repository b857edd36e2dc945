-- Grain: one row a wave × need × pair of cohorts (wave, need_code, cohort_code, comparison_cohort_code); a side is null
-- where its round did not ask.
with shares as (
    select
        wave,
        cohort_code,
        need_code,
        n,
        base_n,
        share_pct,
        rank() over (partition by wave, cohort_code order by share_pct desc) as share_rank
    from {{ ref('gap_need_by_group') }}
    where dimension_code = 'all'
),

evidence_items as (
    select distinct
        cohort_items.wave,
        cohort_items.cohort_code,
        evidence.need_code,
        evidence.item_code
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join {{ ref('int_cohort_items') }} as cohort_items using (item_code)
),

shared_evidence as (
    select distinct
        pairs.cohort_code,
        pairs.comparison_cohort_code,
        own.wave,
        own.need_code
    from {{ source('knowledge', 'cohort_pairs') }} as pairs
    inner join evidence_items as own on pairs.cohort_code = own.cohort_code
    inner join evidence_items as other
        on
            pairs.comparison_cohort_code = other.cohort_code
            and own.wave = other.wave
            and own.need_code = other.need_code
            and own.item_code = other.item_code
),

asked_cohorts as (
    select distinct
        wave,
        cohort_code
    from shares
),

pairs as (
    select distinct
        shares.wave,
        shares.need_code,
        cohort_pairs.cohort_code,
        cohort_pairs.comparison_cohort_code
    from {{ source('knowledge', 'cohort_pairs') }} as cohort_pairs
    inner join asked_cohorts as own on cohort_pairs.cohort_code = own.cohort_code
    inner join asked_cohorts as other
        on cohort_pairs.comparison_cohort_code = other.cohort_code and own.wave = other.wave
    inner join shares
        on
            own.wave = shares.wave
            and shares.cohort_code in (cohort_pairs.cohort_code, cohort_pairs.comparison_cohort_code)
)

select
    pairs.wave,
    pairs.need_code,
    needs.label as need_label,
    needs.theme_code,
    pairs.cohort_code,
    own.n,
    own.base_n,
    own.share_pct,
    own.share_rank,
    pairs.comparison_cohort_code,
    other.n as comparison_n,
    other.base_n as comparison_base_n,
    other.share_pct as comparison_share_pct,
    other.share_rank as comparison_share_rank,
    round(own.share_pct - other.share_pct, 4) as difference_pp,
    case
        when own.n is null then 'asked of the comparison cohort only'
        when other.n is null then 'asked of the cohort only'
        when shared_evidence.need_code is null then 'different questions'
        else 'same item'
    end as comparability
from pairs
inner join {{ ref('dim_need') }} as needs using (need_code)
left join shares as own
    on pairs.wave = own.wave and pairs.need_code = own.need_code and pairs.cohort_code = own.cohort_code
left join shares as other
    on
        pairs.wave = other.wave
        and pairs.need_code = other.need_code
        and pairs.comparison_cohort_code = other.cohort_code
left join shared_evidence
    on
        pairs.wave = shared_evidence.wave
        and pairs.need_code = shared_evidence.need_code
        and pairs.cohort_code = shared_evidence.cohort_code
        and pairs.comparison_cohort_code = shared_evidence.comparison_cohort_code
