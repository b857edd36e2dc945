-- Grain: one row a wave × need × pair of cohorts (wave, need_code, cohort_code, comparison_cohort_code): does the need
-- of the one overlap with that of the other? A menu and a rating have no common scale: ranks are compared, not shares.
with evidence as (
    select
        wave,
        cohort_code,
        need_code,
        item_code,
        scale_code,
        evidence,
        question_kind,
        evidence_basis,
        comparability
    from {{ ref('int_need_evidence') }}
),

-- Needs that were asked on one scale are ranked among each other: a menu, the barriers, the skills and knowledge.
shares as (
    select
        needs.wave,
        needs.cohort_code,
        needs.need_code,
        needs.n,
        needs.base_n,
        needs.share_pct,
        needs.share_low_pct,
        needs.share_high_pct,
        rank() over (
            partition by needs.wave, needs.cohort_code, evidence.scale_code order by needs.share_pct desc
        ) as share_rank,
        count(*) over (partition by needs.wave, needs.cohort_code, evidence.scale_code) as ranked_needs_n
    from {{ ref('gap_need_by_group') }} as needs
    inner join evidence using (wave, cohort_code, need_code)
    where needs.dimension_code = 'all'
),

statements as (
    select distinct
        wave,
        cohort_code,
        need_code
    from {{ source('knowledge', 'need_statements') }}
),

sides as (
    select
        coalesce(shares.wave, statements.wave) as wave,
        coalesce(shares.cohort_code, statements.cohort_code) as cohort_code,
        coalesce(shares.need_code, statements.need_code) as need_code,
        shares.n,
        shares.base_n,
        shares.share_pct,
        shares.share_low_pct,
        shares.share_high_pct,
        shares.share_rank,
        shares.ranked_needs_n,
        case when shares.ranked_needs_n > 1 then (shares.share_rank - 1.0) / (shares.ranked_needs_n - 1) end
            as relative_rank,
        evidence.item_code,
        evidence.evidence,
        evidence.question_kind,
        evidence.evidence_basis,
        evidence.comparability,
        statements.need_code is not null as is_stated
    from shares
    full outer join statements using (wave, cohort_code, need_code)
    left join evidence using (wave, cohort_code, need_code)
),

asked_cohorts as (
    select distinct
        wave,
        cohort_code
    from shares
),

pairs as (
    select distinct
        sides.wave,
        sides.need_code,
        cohort_pairs.cohort_code,
        cohort_pairs.comparison_cohort_code
    from {{ source('knowledge', 'cohort_pairs') }} as cohort_pairs
    inner join asked_cohorts as own on cohort_pairs.cohort_code = own.cohort_code
    inner join asked_cohorts as other
        on cohort_pairs.comparison_cohort_code = other.cohort_code and own.wave = other.wave
    inner join sides
        on
            own.wave = sides.wave
            and sides.cohort_code in (cohort_pairs.cohort_code, cohort_pairs.comparison_cohort_code)
),

limits as (
    select max(value) filter (where threshold_code = 'relative_rank_difference') as relative_rank_difference
    from {{ source('knowledge', 'thresholds') }}
),

compared as (
    select
        pairs.wave,
        pairs.need_code,
        pairs.cohort_code,
        pairs.comparison_cohort_code,
        own.n,
        own.base_n,
        own.share_pct,
        own.share_low_pct,
        own.share_high_pct,
        own.share_rank,
        own.ranked_needs_n,
        own.evidence,
        own.evidence_basis,
        coalesce(own.is_stated, false) as is_stated,
        other.n as comparison_n,
        other.base_n as comparison_base_n,
        other.share_pct as comparison_share_pct,
        other.share_low_pct as comparison_share_low_pct,
        other.share_high_pct as comparison_share_high_pct,
        other.share_rank as comparison_share_rank,
        other.ranked_needs_n as comparison_ranked_needs_n,
        other.evidence as comparison_evidence,
        other.evidence_basis as comparison_evidence_basis,
        coalesce(other.is_stated, false) as comparison_is_stated,
        round(own.share_pct - other.share_pct, 4) as difference_pp,
        round(own.relative_rank - other.relative_rank, 4) as relative_rank_difference,
        case
            when own.n is null and other.n is null then 'stated only'
            when own.n is null then 'asked of the comparison cohort only'
            when other.n is null then 'asked of the cohort only'
            when own.item_code <> other.item_code then own.question_kind || ' against ' || other.question_kind
            when own.comparability = 'same' then other.comparability
            else own.comparability
        end as comparability,
        case
            when own.n is not null and other.n is not null then 'evidence of both'
            when own.n is not null or other.n is not null then 'evidence of one'
            else 'statements'
        end as verdict_basis
    from pairs
    left join sides as own
        on
            pairs.wave = own.wave
            and pairs.need_code = own.need_code
            and pairs.cohort_code = own.cohort_code
    left join sides as other
        on
            pairs.wave = other.wave
            and pairs.need_code = other.need_code
            and pairs.comparison_cohort_code = other.cohort_code
)

select
    compared.wave,
    compared.need_code,
    needs.label as need_label,
    needs.theme_code,
    compared.cohort_code,
    compared.n,
    compared.base_n,
    compared.share_pct,
    compared.share_low_pct,
    compared.share_high_pct,
    compared.share_rank,
    compared.ranked_needs_n,
    compared.evidence,
    compared.evidence_basis,
    compared.is_stated,
    compared.comparison_cohort_code,
    compared.comparison_n,
    compared.comparison_base_n,
    compared.comparison_share_pct,
    compared.comparison_share_low_pct,
    compared.comparison_share_high_pct,
    compared.comparison_share_rank,
    compared.comparison_ranked_needs_n,
    compared.comparison_evidence,
    compared.comparison_evidence_basis,
    compared.comparison_is_stated,
    compared.difference_pp,
    compared.relative_rank_difference,
    compared.comparability,
    case
        when
            compared.verdict_basis = 'evidence of both' and compared.relative_rank_difference is null
            then 'not comparable'
        when
            compared.verdict_basis = 'evidence of both'
            and abs(compared.relative_rank_difference) <= limits.relative_rank_difference
            then 'overlaps'
        when compared.verdict_basis = 'evidence of both' then 'differs'
        when
            (compared.n is not null or compared.is_stated)
            and (compared.comparison_n is not null or compared.comparison_is_stated)
            then 'overlaps'
        when compared.n is not null or compared.is_stated then own_cohort.label || ' only'
        else other_cohort.label || ' only'
    end as verdict,
    compared.verdict_basis,
    case
        when compared.is_stated and compared.comparison_is_stated then 'both'
        when compared.is_stated then own_cohort.label || ' only'
        when compared.comparison_is_stated then other_cohort.label || ' only'
    end as report_verdict
from compared
inner join {{ ref('dim_need') }} as needs using (need_code)
inner join {{ ref('dim_cohort') }} as own_cohort on compared.cohort_code = own_cohort.cohort_code
inner join {{ ref('dim_cohort') }} as other_cohort on compared.comparison_cohort_code = other_cohort.cohort_code
cross join limits
