-- Grain: one row a wave × its base wave × cohort × need × city that answered for it in both
-- (wave, base_wave, cohort_code, need_code, city_key). Nested cohorts leave the panel to the outer one.
select
    needs.wave,
    needs.base_wave,
    needs.cohort_code,
    needs.need_code,
    own.city_key,
    own.is_need,
    base.is_need as was_need,
    own.need_level,
    base.need_level as earlier_need_level
from {{ ref('int_need_comparability') }} as needs
inner join {{ ref('fct_need_score') }} as own using (wave, cohort_code, need_code)
inner join {{ ref('fct_need_score') }} as base
    on
        needs.base_wave = base.wave
        and needs.cohort_code = base.cohort_code
        and needs.need_code = base.need_code
        and own.city_key = base.city_key
left join {{ ref('int_nested_cohorts') }} as nested
    on nested.wave in (needs.wave, needs.base_wave) and needs.cohort_code = nested.inner_cohort_code
where own.is_answered and base.is_answered and nested.wave is null
