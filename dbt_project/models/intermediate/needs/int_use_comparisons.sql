-- Grain: one row a comparison of the same cities before and after services came (comparison_code): what they wanted
-- with what they used, and a need before with the need now, of cities that used a service for it and of those that did
-- not. `level_counts` are both, now only, before only, neither.
with intents as (
    select
        'intent' as comparison_kind,
        wave,
        base_wave,
        cohort_code,
        service_code as subject_code,
        item_code as part_code,
        count(*) filter (where is_interested and is_use) as both_n,
        count(*) filter (where is_use and not is_interested) as now_only_n,
        count(*) filter (where is_interested and not is_use) as before_only_n,
        count(*) filter (where not is_interested and not is_use) as neither_n,
        count(*) as base_n
    from {{ ref('int_intent_use') }}
    group by wave, base_wave, cohort_code, service_code, item_code
),

changes as (
    select
        'need' as comparison_kind,
        wave,
        base_wave,
        cohort_code,
        need_code as subject_code,
        use_code as part_code,
        count(*) filter (where was_need and is_need) as both_n,
        count(*) filter (where is_need and not was_need) as now_only_n,
        count(*) filter (where was_need and not is_need) as before_only_n,
        count(*) filter (where not was_need and not is_need) as neither_n,
        count(*) as base_n
    from {{ ref('int_need_use') }}
    group by wave, base_wave, cohort_code, need_code, use_code
),

compared as (
    select
        comparison_kind,
        wave,
        base_wave,
        cohort_code,
        subject_code,
        part_code,
        both_n,
        now_only_n,
        before_only_n,
        neither_n,
        base_n
    from intents
    union all
    select
        comparison_kind,
        wave,
        base_wave,
        cohort_code,
        subject_code,
        part_code,
        both_n,
        now_only_n,
        before_only_n,
        neither_n,
        base_n
    from changes
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
