-- Grain: one row a wave × its base wave × cohort × need × whether cities used a service that addresses it (wave,
-- base_wave, cohort_code, need_code, use_code): how the need changed among the cities that answered in both waves. Who
-- uses a service differs from who does not in more than the service: this is no proof of cause.
with services as (
    select
        uses.wave,
        links.need_code,
        string_agg(distinct services.label, '; ' order by services.label) as services
    from {{ ref('fct_service_use') }} as uses
    inner join {{ source('knowledge', 'service_needs') }} as links using (service_code)
    inner join {{ ref('dim_service') }} as services using (service_code)
    group by uses.wave, links.need_code
),

limits as (
    {{ evidence_limits() }}
)

select
    pairs.wave,
    pairs.base_wave,
    pairs.cohort_code,
    pairs.subject_code as need_code,
    needs.label as need_label,
    needs.theme_code,
    services.services,
    'all' as dimension_code,
    'all' as member_code,
    pairs.part_code as use_code,
    true as is_paired,
    asked.comparability,
    pairs.n,
    pairs.base_n,
    {{ percent('pairs.n', 'pairs.base_n') }} as share_pct,
    pairs.comparison_n,
    {{ percent('pairs.comparison_n', 'pairs.base_n') }} as comparison_share_pct,
    pairs.now_only_n as gained_n,
    pairs.before_only_n as ended_n,
    coalesce(others.n, 0) as others_n,
    coalesce(others.comparison_n, 0) as others_comparison_n,
    coalesce(others.base_n, 0) as others_base_n,
    panel.comparison_whole_n,
    panel.comparison_whole_n - panel.comparison_n as left_n,
    panel.comparison_whole_base_n - panel.comparison_base_n as left_base_n,
    panel.whole_n - panel.n as joined_n,
    panel.whole_base_n - panel.base_n as joined_base_n,
    tests.difference_pp,
    tests.difference_low_pp,
    tests.difference_high_pp,
    tests.p_value,
    tests.adjusted_p_value,
    case
        when pairs.base_n < limits.base_min then 'too few'
        when tests.p_value > limits.p then 'no clear change'
        else
            case when tests.adjusted_p_value > limits.adjusted_p then 'possible ' else '' end
            || case when tests.difference_pp > 0 then 'increase' else 'decrease' end
            || case when asked.comparability = 'same' then '' else ' or wording' end
    end as verdict
from {{ ref('int_use_comparisons') }} as pairs
inner join {{ ref('dim_need') }} as needs on pairs.subject_code = needs.need_code
inner join {{ ref('int_need_comparability') }} as asked
    on
        pairs.wave = asked.wave
        and pairs.base_wave = asked.base_wave
        and pairs.cohort_code = asked.cohort_code
        and pairs.subject_code = asked.need_code
inner join {{ ref('int_need_changes') }} as panel
    on
        panel.comparison_kind = 'panel'
        and pairs.wave = panel.wave
        and pairs.base_wave = panel.base_wave
        and pairs.cohort_code = panel.cohort_code
        and pairs.subject_code = panel.need_code
left join {{ ref('int_use_comparisons') }} as others
    on
        pairs.comparison_kind = others.comparison_kind
        and pairs.wave = others.wave
        and pairs.cohort_code = others.cohort_code
        and pairs.subject_code = others.subject_code
        and pairs.part_code <> others.part_code
left join services on pairs.wave = services.wave and pairs.subject_code = services.need_code
left join {{ ref('int_use_tests') }} as tests on pairs.comparison_code = tests.comparison_code
cross join limits
where pairs.comparison_kind = 'need'
