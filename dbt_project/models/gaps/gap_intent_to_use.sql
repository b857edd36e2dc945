-- Grain: one row a wave × its base wave × cohort of the base wave × service × item that asked for interest, or any of
-- them (wave, base_wave, cohort_code, service_code, item_code): what cities said that they want against what the same
-- cities used since, with McNemar's test that as many wanted and did not use as used and had not wanted.
select
    pairs.wave,
    pairs.base_wave,
    pairs.cohort_code,
    pairs.subject_code as service_code,
    services.label as service_label,
    pairs.part_code as item_code,
    coalesce(items.label, 'Any of the questions') as item_label,
    pairs.both_n as said_and_used_n,
    pairs.before_only_n as said_not_used_n,
    pairs.now_only_n as used_not_said_n,
    pairs.neither_n as neither_said_nor_used_n,
    pairs.comparison_n as said_n,
    pairs.base_n - pairs.comparison_n as not_said_n,
    pairs.n as used_n,
    pairs.base_n - pairs.n as not_used_n,
    pairs.base_n,
    {{ percent('pairs.comparison_n', 'pairs.base_n') }} as said_share_pct,
    {{ percent('pairs.n', 'pairs.base_n') }} as used_share_pct,
    {{ percent('pairs.both_n', 'pairs.comparison_n') }} as said_used_pct,
    {{ percent('pairs.now_only_n', '(pairs.base_n - pairs.comparison_n)') }} as not_said_used_pct,
    tests.difference_pp,
    tests.difference_low_pp,
    tests.difference_high_pp,
    tests.p_value,
    tests.adjusted_p_value
from {{ ref('int_use_comparisons') }} as pairs
inner join {{ ref('dim_service') }} as services on pairs.subject_code = services.service_code
left join {{ ref('dim_item') }} as items on pairs.part_code = items.item_code
left join {{ ref('int_use_tests') }} as tests on pairs.comparison_code = tests.comparison_code
where pairs.comparison_kind = 'intent'
