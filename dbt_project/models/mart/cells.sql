-- Grain: one row a wave × cohort × group × item × choice (wave, cohort_code, dimension_code, member_code, item_code,
-- choice_code): the cube in words.
select
    cube.wave,
    cube.cohort_code,
    cohorts.label as cohort_label,
    cube.item_code,
    items.label as item_label,
    themes.label as theme_label,
    cube.choice_code,
    choices.label as choice_label,
    cube.dimension_code,
    groups.dimension_label,
    cube.member_code,
    groups.member_label,
    cube.n,
    cube.base_n,
    cube.answered_n,
    cube.share_pct,
    cube.share_low_pct,
    cube.share_high_pct
from {{ ref('gap_cube') }} as cube
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
inner join {{ ref('dim_item') }} as items using (item_code)
inner join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
inner join {{ ref('dim_group') }} as groups using (dimension_code, member_code)
left join {{ ref('dim_theme') }} as themes using (theme_code)
