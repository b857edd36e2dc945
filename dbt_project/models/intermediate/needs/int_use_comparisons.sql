-- Grain: one row a comparison of the same cities before and after services came (comparison_code): what they wanted
-- with what they used, and a need before with the need now, of cities that used a service for it and of those that did
-- not. `level_counts` are both, now only, before only, neither.
with pairs as (
    select
        'intent' as comparison_kind,
        wave,
        base_wave,
        cohort_code,
        service_code as subject_code,
        item_code as part_code,
        is_interested as is_before,
        is_use as is_now
    from {{ ref('int_intent_use') }}
    union all
    select
        'need' as comparison_kind,
        wave,
        base_wave,
        cohort_code,
        need_code as subject_code,
        use_code as part_code,
        was_need as is_before,
        is_need as is_now
    from {{ ref('int_need_use') }}
),

compared as (
    select
        comparison_kind,
        wave,
        base_wave,
        cohort_code,
        subject_code,
        part_code,
        count(*) filter (where is_before and is_now) as both_n,
        count(*) filter (where is_now and not is_before) as now_only_n,
        count(*) filter (where is_before and not is_now) as before_only_n,
        count(*) filter (where not is_before and not is_now) as neither_n,
        count(*) as base_n
    from pairs
    group by comparison_kind, wave, base_wave, cohort_code, subject_code, part_code
)

select
    comparison_kind,
    'pairs' as method,
    wave,
    base_wave,
    cohort_code,
    subject_code,
    part_code,
    both_n,
    now_only_n,
    before_only_n,
    neither_n,
    both_n + now_only_n as n,
    base_n,
    both_n + before_only_n as comparison_n,
    base_n as comparison_base_n,
    [both_n, now_only_n, before_only_n, neither_n] as level_counts,
    cast(null as bigint[]) as comparison_level_counts,
    concat_ws('.', comparison_kind, wave, base_wave, cohort_code, subject_code, part_code) as comparison_code,
    concat_ws(' ', cohort_code, comparison_kind, 'since', base_wave) as family
from compared
