-- Grain: one row a wave × cohort × grouping dimension × member × need (wave, cohort_code, dimension_code,
-- member_code, need_code), of waves that map initiatives: how many cities have the need, which own services and which
-- initiatives they can turn to, and how many take part in none that addresses it.
with mapped_waves as (
    select distinct wave
    from {{ ref('dim_initiative') }}
),

demand as (
    select
        needs.wave,
        needs.cohort_code,
        needs.dimension_code,
        needs.member_code,
        needs.need_code,
        needs.n,
        needs.base_n,
        needs.share_pct,
        missions.has_mission_cities,
        missions.has_other_cities
    from {{ ref('gap_need_by_group') }} as needs
    inner join mapped_waves using (wave)
    inner join {{ ref('int_group_missions') }} as missions using (wave, cohort_code, dimension_code, member_code)
),

offers as (
    select
        demand.wave,
        demand.cohort_code,
        demand.dimension_code,
        demand.member_code,
        demand.need_code,
        links.service_code,
        states.is_available,
        states.service_status,
        states.for_others or not demand.has_other_cities as is_for_others,
        (states.for_others or not demand.has_other_cities)
        and (states.for_mission_cities or not demand.has_mission_cities) as is_for_all
    from demand
    inner join {{ source('knowledge', 'service_needs') }} as links using (need_code)
    inner join {{ ref('int_service_availability') }} as states
        on demand.wave = states.wave and links.service_code = states.service_code
),

services as (
    select
        offers.wave,
        offers.cohort_code,
        offers.dimension_code,
        offers.member_code,
        offers.need_code,
        count(*) filter (where offers.is_available and offers.is_for_all) as services_n,
        string_agg(services.label, '; ' order by services.position) filter (
            where offers.is_available and offers.is_for_all
        ) as services,
        count(*) filter (where not offers.is_available and offers.service_status <> 'ended' and offers.is_for_all)
            as planned_services_n,
        count(*) filter (where offers.is_available and not offers.is_for_others) as mission_services_n
    from offers
    inner join {{ ref('dim_service') }} as services using (service_code)
    group by offers.wave, offers.cohort_code, offers.dimension_code, offers.member_code, offers.need_code
),

initiatives as (
    select
        eligibility.wave,
        eligibility.cohort_code,
        eligibility.dimension_code,
        eligibility.member_code,
        links.need_code,
        count(*) filter (where eligibility.is_for_cohort) as initiatives_n,
        string_agg(initiatives.label, '; ' order by initiatives.label) filter (
            where eligibility.is_for_cohort
        ) as initiatives,
        count(*) filter (where not eligibility.is_for_cohort) as mission_initiatives_n
    from {{ ref('int_initiative_eligibility') }} as eligibility
    inner join {{ source('knowledge', 'initiative_needs') }} as links using (initiative_code)
    inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
    where eligibility.is_for_group and eligibility.takes_cities
    group by
        eligibility.wave, eligibility.cohort_code, eligibility.dimension_code, eligibility.member_code, links.need_code
),

support as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        support.need_code,
        count(*) filter (where support.is_need and support.has_support) as with_support_n,
        count(*) filter (where support.has_support) as with_support_base_n,
        count(*) filter (where support.is_need and not support.has_support) as without_support_n,
        count(*) filter (where not support.has_support) as without_support_base_n
    from {{ ref('int_need_support') }} as support
    inner join {{ ref('int_group_members') }} as members using (wave, cohort_code, city_key)
    group by
        members.wave, members.cohort_code, members.dimension_code, members.member_code, support.need_code
)

select
    demand.wave,
    demand.cohort_code,
    demand.dimension_code,
    demand.member_code,
    needs.need_code,
    needs.label as need_label,
    needs.theme_code,
    demand.n,
    demand.base_n,
    demand.share_pct,
    coalesce(services.services_n, 0) as services_n,
    services.services,
    coalesce(services.planned_services_n, 0) as planned_services_n,
    coalesce(initiatives.initiatives_n, 0) as initiatives_n,
    initiatives.initiatives,
    support.with_support_n,
    support.with_support_base_n,
    support.without_support_n,
    support.without_support_base_n,
    {{ percent('support.without_support_n', '(support.with_support_n + support.without_support_n)') }}
        as without_support_pct,
    case
        when services.services_n > 0 then 'covered by a service'
        when initiatives.initiatives_n > 0 then 'covered by an initiative'
        when services.mission_services_n > 0 or initiatives.mission_initiatives_n > 0 then 'only for Mission Cities'
        when services.planned_services_n > 0 then 'planned only'
        else 'not covered'
    end as verdict
from demand
inner join {{ ref('dim_need') }} as needs using (need_code)
left join services using (wave, cohort_code, dimension_code, member_code, need_code)
left join initiatives using (wave, cohort_code, dimension_code, member_code, need_code)
left join support using (wave, cohort_code, dimension_code, member_code, need_code)
