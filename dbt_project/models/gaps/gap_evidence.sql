-- Grain: one row a comparison of two groups of cities (comparison_code): the gap, how sure it is, and a verdict.
with limits as (
    {{ evidence_limits() }}
)

select
    comparisons.comparison_code,
    comparisons.wave,
    comparisons.comparison_kind,
    comparisons.family,
    comparisons.item_code,
    items.label as item_label,
    comparisons.choice_code,
    choices.label as choice_label,
    comparisons.cohort_code,
    comparisons.dimension_code,
    comparisons.member_code,
    comparisons.comparison_cohort_code,
    comparisons.comparison_kind = 'paired' as is_paired,
    comparisons.comparability,
    comparisons.n,
    comparisons.base_n,
    {{ percent('comparisons.n', 'comparisons.base_n') }} as share_pct,
    comparisons.comparison_n,
    comparisons.comparison_base_n,
    {{ percent('comparisons.comparison_n', 'comparisons.comparison_base_n') }} as comparison_share_pct,
    tests.difference_pp,
    tests.difference_low_pp,
    tests.difference_high_pp,
    tests.superiority,
    tests.cliffs_delta,
    tests.cliffs_delta_low,
    tests.cliffs_delta_high,
    tests.test_name,
    tests.p_value,
    tests.adjusted_p_value,
    case
        when least(comparisons.base_n, comparisons.comparison_base_n) < limits.base_min then 'base too small'
        when tests.adjusted_p_value <= limits.adjusted_p and comparisons.comparability = 'same' then 'clear gap'
        when tests.adjusted_p_value <= limits.adjusted_p then 'gap or wording'
        when tests.p_value <= limits.p and comparisons.comparability = 'same' then 'some evidence'
        when tests.p_value <= limits.p then 'some evidence or wording'
        else 'no evidence'
    end as verdict
from {{ ref('int_comparisons') }} as comparisons
inner join {{ ref('dim_item') }} as items using (item_code)
left join {{ ref('dim_choice') }} as choices
    on comparisons.item_code = choices.item_code and comparisons.choice_code = choices.choice_code
inner join {{ ref('int_evidence_tests') }} as tests using (comparison_code)
cross join limits
