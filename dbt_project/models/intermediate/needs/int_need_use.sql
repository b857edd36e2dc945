-- Grain: one row a wave × base wave × cohort × need × city that answered for it in both waves (wave, base_wave,
-- cohort_code, need_code, city_key), of comparable needs that a service addresses whose use a register tells: whether
-- the city used such a service since. That a need of those who did fell more often is no proof that the service did it.
with served_needs as (
    select distinct
        uses.wave,
        links.need_code
    from {{ ref('fct_service_use') }} as uses
    inner join {{ source('knowledge', 'service_needs') }} as links using (service_code)
),

helped as (
    select distinct
        uses.wave,
        uses.city_key,
        links.need_code
    from {{ ref('fct_service_use') }} as uses
    inner join {{ source('knowledge', 'service_needs') }} as links using (service_code)
    where uses.is_use
),

complete_cohorts as (
    select distinct
        complete.wave,
        complete.cohort_code
    from {{ ref('int_complete_registers') }} as complete
    inner join {{ source('knowledge', 'service_steps') }} using (item_code)
)

select
    panel.wave,
    panel.base_wave,
    panel.cohort_code,
    panel.need_code,
    panel.city_key,
    panel.was_need,
    panel.is_need,
    needs.comparability,
    case when helped.city_key is null then 'not_used' else 'used' end as use_code
from {{ ref('int_need_panel') }} as panel
inner join {{ ref('int_need_comparability') }} as needs using (wave, base_wave, cohort_code, need_code)
inner join served_needs using (wave, need_code)
inner join complete_cohorts using (wave, cohort_code)
left join helped using (wave, need_code, city_key)
where needs.comparability in ('same', 'reworded', 'other source')
