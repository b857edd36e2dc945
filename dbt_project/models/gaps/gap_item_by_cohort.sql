-- Grain: one row a wave × item × choice × pair of cohorts that were both asked
-- (wave, item_code, choice_code, cohort_code, comparison_cohort_code).
with cohort_shares as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        n,
        base_n,
        share_pct
    from {{ ref('gap_cube') }}
    where dimension_code = 'all'
),

comparabilities as (
    select
        own.wave,
        own.item_code,
        own.cohort_code,
        other.cohort_code as comparison_cohort_code,
        {{ joint_comparability('own', 'other') }} as comparability
    from {{ ref('int_cohort_items') }} as own
    inner join {{ ref('int_cohort_items') }} as other using (wave, item_code)
)

select
    own.wave,
    own.item_code,
    items.label as item_label,
    own.choice_code,
    choices.label as choice_label,
    pairs.cohort_code,
    own.n,
    own.base_n,
    own.share_pct,
    pairs.comparison_cohort_code,
    other.n as comparison_n,
    other.base_n as comparison_base_n,
    other.share_pct as comparison_share_pct,
    round(own.share_pct - other.share_pct, 4) as difference_pp,
    comparabilities.comparability
from {{ source('knowledge', 'cohort_pairs') }} as pairs
inner join cohort_shares as own on pairs.cohort_code = own.cohort_code
inner join cohort_shares as other
    on
        pairs.comparison_cohort_code = other.cohort_code
        and own.wave = other.wave
        and own.item_code = other.item_code
        and own.choice_code = other.choice_code
inner join {{ ref('dim_item') }} as items on own.item_code = items.item_code
inner join {{ ref('dim_choice') }} as choices
    on own.item_code = choices.item_code and own.choice_code = choices.choice_code
inner join comparabilities
    on
        own.wave = comparabilities.wave
        and own.item_code = comparabilities.item_code
        and pairs.cohort_code = comparabilities.cohort_code
        and pairs.comparison_cohort_code = comparabilities.comparison_cohort_code
