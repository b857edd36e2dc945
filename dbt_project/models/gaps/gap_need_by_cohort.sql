-- Grain: one row a wave × need × pair of cohorts (wave, need_code, cohort_code, comparison_cohort_code): does the need
-- of the one overlap with that of the other? A menu and a rating have no common scale: ranks are compared, not shares.
-- A verdict rests on real or printed numbers and on statements; what synthetic answers alone would say is not known.
with evidence as (
    select
        evidence.wave,
        evidence.cohort_code,
        evidence.need_code,
        evidence.item_code,
        evidence.scale_code,
        evidence.evidence,
        evidence.question_kind,
        evidence.evidence_kind,
        evidence.evidence_basis,
        evidence.comparability,
        sources.provenance,
        sources.provenance <> 'synthetic' as is_known
    from {{ ref('int_need_evidence') }} as evidence
    inner join {{ ref('int_need_provenance') }} as sources using (wave, cohort_code, need_code)
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
        count(*) over list as ranked_needs_n,
        -- A number that is not known may stand anywhere, also above those that are.
        case
            when evidence.is_known
                then
                    rank() over (
                        partition by needs.wave, needs.cohort_code, evidence.scale_code, evidence.is_known
                        order by needs.share_pct desc
                    )
            else 1
        end as best_rank,
        count(*) filter (where not evidence.is_known) over list as unknown_needs_n
    from {{ ref('gap_need_by_group') }} as needs
    inner join evidence using (wave, cohort_code, need_code)
    where needs.dimension_code = 'all'
    window list as (partition by needs.wave, needs.cohort_code, evidence.scale_code)
),

statements as (
    select distinct
        wave,
        cohort_code,
        need_code
    from {{ source('knowledge', 'need_statements') }}
),

ranks as (
    select
        shares.wave,
        shares.cohort_code,
        shares.need_code,
        case when shares.ranked_needs_n > 1 then (shares.share_rank - 1.0) / (shares.ranked_needs_n - 1) end
            as relative_rank,
        case when shares.ranked_needs_n > 1 then (shares.best_rank - 1.0) / (shares.ranked_needs_n - 1) end
            as best_relative_rank,
        case
            when shares.ranked_needs_n > 1 and evidence.is_known
                then (shares.best_rank + shares.unknown_needs_n - 1.0) / (shares.ranked_needs_n - 1)
            when shares.ranked_needs_n > 1 then 1.0
        end as worst_relative_rank
    from shares
    inner join evidence using (wave, cohort_code, need_code)
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
        ranks.relative_rank,
        ranks.best_relative_rank,
        ranks.worst_relative_rank,
        evidence.item_code,
        evidence.evidence,
        evidence.question_kind,
        evidence.evidence_kind,
        evidence.evidence_basis,
        evidence.comparability,
        evidence.provenance,
        coalesce(evidence.is_known, false) as is_known,
        coalesce(evidence.is_known and shares.n > 0, false) or statements.need_code is not null as has_need,
        statements.need_code is not null as is_stated
    from shares
    full outer join statements using (wave, cohort_code, need_code)
    left join evidence using (wave, cohort_code, need_code)
    left join ranks using (wave, cohort_code, need_code)
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
    select
        max(value) filter (where threshold_code = 'relative_rank_difference') as relative_rank_difference,
        max(value) filter (where threshold_code = 'stability_min') as stability_min
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
        own.evidence_kind,
        own.evidence_basis,
        own.provenance,
        coalesce(own.is_stated, false) as is_stated,
        coalesce(own.is_known, false) as is_known,
        coalesce(own.has_need, false) as has_need,
        other.n as comparison_n,
        other.base_n as comparison_base_n,
        other.share_pct as comparison_share_pct,
        other.share_low_pct as comparison_share_low_pct,
        other.share_high_pct as comparison_share_high_pct,
        other.share_rank as comparison_share_rank,
        other.ranked_needs_n as comparison_ranked_needs_n,
        other.evidence as comparison_evidence,
        other.evidence_kind as comparison_evidence_kind,
        other.evidence_basis as comparison_evidence_basis,
        other.provenance as comparison_provenance,
        coalesce(other.is_stated, false) as comparison_is_stated,
        coalesce(other.is_known, false) as comparison_is_known,
        coalesce(other.has_need, false) as comparison_has_need,
        round(own.share_pct - other.share_pct, 4) as difference_pp,
        round(own.relative_rank - other.relative_rank, 4) as relative_rank_difference,
        round(own.best_relative_rank - other.worst_relative_rank, 4) as least_difference,
        round(own.worst_relative_rank - other.best_relative_rank, 4) as largest_difference,
        case
            when own.n is null or other.n is null then null
            when own.item_code <> other.item_code then own.question_kind || ' against ' || other.question_kind
            else {{ joint_comparability('own', 'other') }}
        end as comparability
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
),

ranked as (
    select
        compared.wave,
        compared.need_code,
        compared.cohort_code,
        compared.comparison_cohort_code,
        case
            when abs(compared.relative_rank_difference) <= limits.relative_rank_difference then 'overlaps'
            when compared.relative_rank_difference is not null then 'differs'
        end as rank_verdict,
        -- Wherever the numbers that are not known stand, the verdict is the same.
        greatest(abs(compared.least_difference), abs(compared.largest_difference)) <= limits.relative_rank_difference
        or compared.least_difference > limits.relative_rank_difference
        or compared.largest_difference < -limits.relative_rank_difference as is_determined,
        case
            when abs(compared.relative_rank_difference) <= limits.relative_rank_difference then resamples.overlap_share
            else 1 - resamples.overlap_share
        end as stability
    from compared
    left join {{ ref('int_need_stability') }} as resamples
        using (wave, cohort_code, comparison_cohort_code, need_code)
    cross join limits
),

judged as (
    select
        compared.wave,
        compared.need_code,
        compared.cohort_code,
        compared.comparison_cohort_code,
        ranked.rank_verdict,
        round(ranked.stability, 4) as stability,
        case
            when compared.is_known and compared.comparison_is_known then 'evidence of both'
            when compared.is_known or compared.comparison_is_known then 'evidence of one'
            when compared.is_stated or compared.comparison_is_stated then 'statements'
            else 'synthetic answers'
        end as verdict_basis,
        -- What is stated is printed.
        case when compared.is_stated and not compared.is_known then 'printed' else compared.provenance end
            as side_provenance,
        case
            when compared.comparison_is_stated and not compared.comparison_is_known then 'printed'
            else compared.comparison_provenance
        end as comparison_side_provenance,
        -- By the first that holds; none where a verdict is given.
        case
            when compared.is_known and compared.comparison_is_known and ranked.rank_verdict is null then null
            when compared.is_known and compared.comparison_is_known and not ranked.is_determined
                then 'ranks among synthetic answers'
            when compared.is_known and compared.comparison_is_known and ranked.stability < limits.stability_min
                then 'not stable'
            when compared.is_known and compared.comparison_is_known then null
            when compared.has_need and compared.comparison_has_need then null
            when not compared.has_need and compared.n is null then own_cohort.label || ': not asked'
            when not compared.has_need and not compared.is_known then own_cohort.label || ': synthetic answers'
            when not compared.has_need then own_cohort.label || ': no city states it'
            when compared.comparison_n is null then other_cohort.label || ': not asked'
            when not compared.comparison_is_known then other_cohort.label || ': synthetic answers'
            else other_cohort.label || ': no city states it'
        end as why_not_known
    from compared
    inner join ranked using (wave, need_code, cohort_code, comparison_cohort_code)
    inner join {{ ref('dim_cohort') }} as own_cohort on compared.cohort_code = own_cohort.cohort_code
    inner join {{ ref('dim_cohort') }} as other_cohort on compared.comparison_cohort_code = other_cohort.cohort_code
    cross join limits
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
    compared.evidence_kind,
    compared.evidence_basis,
    compared.provenance,
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
    compared.comparison_evidence_kind,
    compared.comparison_evidence_basis,
    compared.comparison_provenance,
    compared.comparison_is_stated,
    compared.difference_pp,
    compared.relative_rank_difference,
    case
        when compared.comparability is not null then compared.comparability
        when compared.n is not null then 'asked of ' || own_cohort.label || ' only'
        when compared.comparison_n is not null then 'asked of ' || other_cohort.label || ' only'
        else 'stated only'
    end as comparability,
    judged.rank_verdict,
    judged.stability,
    case
        when judged.why_not_known is not null then 'not known'
        when judged.verdict_basis = 'evidence of both' then coalesce(judged.rank_verdict, 'not comparable')
        else 'overlaps'
    end as verdict,
    judged.verdict_basis,
    judged.why_not_known,
    case
        when
            'synthetic' in (judged.side_provenance, judged.comparison_side_provenance)
            or judged.why_not_known = 'ranks among synthetic answers'
            then 'synthetic'
        when 'printed' in (judged.side_provenance, judged.comparison_side_provenance) then 'printed'
        else 'real'
    end as verdict_provenance,
    case
        when compared.is_stated and compared.comparison_is_stated then 'both'
        when compared.is_stated then own_cohort.label || ' only'
        when compared.comparison_is_stated then other_cohort.label || ' only'
    end as report_verdict
from compared
inner join judged using (wave, need_code, cohort_code, comparison_cohort_code)
inner join {{ ref('dim_need') }} as needs using (need_code)
inner join {{ ref('dim_cohort') }} as own_cohort on compared.cohort_code = own_cohort.cohort_code
inner join {{ ref('dim_cohort') }} as other_cohort on compared.comparison_cohort_code = other_cohort.cohort_code
