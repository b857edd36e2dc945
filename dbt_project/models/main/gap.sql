-- Grain: one row a wave × need or choice of the item that is asked for × cohort × group or other cohort
-- (wave, gap_label, cohort_code, dimension_code, member_code, comparison): cohort with cohort, by the needs that rest
-- on the item and by its choices, then groups with the other responses of their cohort, by need.
{{ config(parameters='item, cohort := null, wave := null') }}
with asked as (
    select
        {{ need_or_item_named('item', 'item') }} as item_code,
        {{ need_or_item_named('item', 'need') }} as need_code,
        {{ cohort_named('cohort') }} as cohort_code,
        {{ wave_named('wave') }} as wave
),

needs_asked as (
    select distinct
        evidence.need_code,
        needs.label
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join asked on evidence.item_code = asked.item_code or evidence.need_code = asked.need_code
    inner join {{ ref('dim_need') }} as needs on evidence.need_code = needs.need_code
),

members as (
    select
        choices.item_code as dimension_code,
        choices.choice_code as member_code,
        choices.label,
        choices.position,
        choices.choice_kind
    from {{ ref('dim_choice') }} as choices
),

gaps as (
    select
        1 as part,
        cohorts.wave,
        needs_asked.label as gap_label,
        cohorts.cohort_code,
        'all' as dimension_code,
        'all' as member_code,
        'All' as member_label,
        cohorts.n,
        cohorts.base_n,
        cohorts.share_pct,
        cohorts.comparison_cohort_code as comparison,
        cohorts.comparison_n,
        cohorts.comparison_base_n,
        cohorts.comparison_share_pct,
        cohorts.difference_pp,
        cohorts.comparability,
        cohorts.evidence,
        cohorts.comparison_evidence,
        1 as position
    from {{ ref('gap_need_by_cohort') }} as cohorts
    inner join needs_asked using (need_code)
    union all
    select
        2 as part,
        cohorts.wave,
        cohorts.item_label || ': ' || cohorts.choice_label as gap_label,
        cohorts.cohort_code,
        'all' as dimension_code,
        'all' as member_code,
        'All' as member_label,
        cohorts.n,
        cohorts.base_n,
        cohorts.share_pct,
        cohorts.comparison_cohort_code as comparison,
        cohorts.comparison_n,
        cohorts.comparison_base_n,
        cohorts.comparison_share_pct,
        cohorts.difference_pp,
        cohorts.comparability,
        cohorts.item_label as evidence,
        cohorts.item_label as comparison_evidence,
        members.position
    from {{ ref('gap_item_by_cohort') }} as cohorts
    inner join asked using (item_code)
    inner join members on cohorts.item_code = members.dimension_code and cohorts.choice_code = members.member_code
    where members.choice_kind <> 'answered'
    union all
    select
        3 as part,
        groups.wave,
        needs_asked.label as gap_label,
        groups.cohort_code,
        groups.dimension_code,
        groups.member_code,
        members.label as member_label,
        groups.n,
        groups.base_n,
        groups.share_pct,
        'others of ' || groups.cohort_code as comparison,
        groups.others_n as comparison_n,
        groups.others_base_n as comparison_base_n,
        groups.others_share_pct as comparison_share_pct,
        groups.difference_pp,
        'same item' as comparability,
        evidence.evidence,
        evidence.evidence as comparison_evidence,
        members.position
    from {{ ref('gap_need_by_group') }} as groups
    inner join needs_asked using (need_code)
    left join {{ ref('int_need_evidence') }} as evidence
        on
            groups.wave = evidence.wave
            and groups.cohort_code = evidence.cohort_code
            and groups.need_code = evidence.need_code
    inner join members using (dimension_code, member_code)
    -- Merged classes are those of the public release: here are the groups that they are made of.
    where groups.dimension_code not in (
        select class_merges.merged_item_code from {{ source('knowledge', 'class_merges') }} as class_merges
    )
)

select
    gaps.wave,
    gaps.gap_label,
    gaps.cohort_code,
    gaps.dimension_code,
    gaps.member_code,
    gaps.member_label,
    gaps.n,
    gaps.base_n,
    gaps.share_pct,
    gaps.comparison,
    gaps.comparison_n,
    gaps.comparison_base_n,
    gaps.comparison_share_pct,
    gaps.difference_pp,
    gaps.comparability,
    gaps.evidence,
    gaps.comparison_evidence
from gaps
inner join asked
    on
        gaps.wave = coalesce(asked.wave, (select max(newest.wave) from gaps as newest))
        and coalesce(asked.cohort_code, gaps.cohort_code) in (gaps.cohort_code, gaps.comparison)
order by
    gaps.part,
    gaps.cohort_code,
    gaps.comparison,
    gaps.dimension_code,
    case when gaps.part = 2 then gaps.position end,
    gaps.gap_label,
    gaps.position
