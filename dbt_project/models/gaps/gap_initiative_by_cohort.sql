-- Grain: one row a wave × item of participation × choice × cohort × grouping dimension × member
-- (wave, item_code, choice_code, cohort_code, dimension_code, member_code): who already has which support. The choices of an
-- item are initiatives, or what they have in common: kind, level, what they offer.
with first_pairs as (
    select
        cohort_code,
        min(comparison_cohort_code) as comparison_cohort_code
    from {{ source('knowledge', 'cohort_pairs') }}
    group by cohort_code
)

select
    cube.wave,
    items.attribute,
    cube.item_code,
    cube.choice_code,
    choices.label,
    choices.position,
    initiatives.kind_label,
    initiatives.level_label,
    initiatives.owner,
    initiatives.offers,
    initiatives.eligible,
    initiatives.eligibility_condition,
    initiatives.relation_label,
    initiatives.opening_label,
    cube.cohort_code,
    cube.dimension_code,
    cube.member_code,
    cube.n,
    cube.base_n,
    cube.share_pct,
    cube.share_low_pct,
    cube.share_high_pct,
    comparisons.comparison_code
from {{ ref('gap_cube') }} as cube
inner join {{ source('knowledge', 'initiative_items') }} as items using (item_code)
inner join {{ ref('dim_choice') }} as choices
    on cube.item_code = choices.item_code and cube.choice_code = choices.choice_code
left join {{ ref('dim_initiative') }} as initiatives
    on items.attribute = 'initiative' and cube.wave = initiatives.wave and cube.choice_code = initiatives.initiative_code
left join first_pairs on cube.cohort_code = first_pairs.cohort_code
left join {{ ref('int_comparisons') }} as comparisons
    on
        cube.wave = comparisons.wave
        and cube.cohort_code = comparisons.cohort_code
        and cube.item_code = comparisons.item_code
        and cube.choice_code = comparisons.choice_code
        and cube.dimension_code = comparisons.dimension_code
        and cube.member_code = comparisons.member_code
        and (
            comparisons.comparison_kind = 'others'
            or (
                comparisons.comparison_kind = 'cohort'
                and comparisons.comparison_cohort_code = first_pairs.comparison_cohort_code
            )
        )
where cube.choice_kind = 'level'
