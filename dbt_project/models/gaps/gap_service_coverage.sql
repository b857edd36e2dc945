-- Grain: one row a wave × cohort × grouping dimension × member × pathway × need × service
-- (wave, cohort_code, dimension_code, member_code, pathway_code, need_code, service_code). A need that no service
-- addresses in the wave has one row of the service `none`; a need without evidence stays in, without a demand.
with asked_cohorts as (
    select distinct
        cohort_items.wave,
        cohort_items.cohort_code
    from {{ ref('int_cohort_items') }} as cohort_items
    where cohort_items.item_code in (
        select interest.item_code
        from {{ source('knowledge', 'service_interest') }} as interest
    )
),

groups as (
    select
        missions.wave,
        missions.cohort_code,
        missions.dimension_code,
        missions.member_code,
        missions.has_mission_cities,
        missions.has_other_cities
    from asked_cohorts
    inner join {{ ref('int_group_missions') }} as missions using (wave, cohort_code)
),

demand as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        need_code,
        n,
        base_n,
        share_pct,
        case
            when share_pct is not null then rank() over (
                partition by wave, cohort_code, dimension_code, member_code
                order by share_pct desc nulls last
            )
        end as need_rank
    from {{ ref('gap_need_by_group') }}
),

interest as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        interest.service_code,
        count(*) filter (where interest.is_interested) as interest_n,
        count(*) as interest_base_n,
        {{ percent('count(*) filter (where interest.is_interested)', 'count(*)') }} as interest_share_pct
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('int_service_interest') }} as interest using (wave, cohort_code, city_key)
    group by members.wave, members.cohort_code, members.dimension_code, members.member_code, interest.service_code
),

-- Interest is stated only where the report itself reads every choice that counts as interest.
interest_bases as (
    select
        service_code,
        case when bool_and(basis = 'stated') then 'stated' else 'inferred' end as interest_basis
    from {{ source('knowledge', 'service_interest') }}
    group by service_code
),

limits as (
    select max(value) filter (where threshold_code = 'low_interest_pct') as low_interest_pct
    from {{ source('knowledge', 'thresholds') }}
),

offers as (
    select
        groups.wave,
        groups.cohort_code,
        groups.dimension_code,
        groups.member_code,
        links.need_code,
        links.service_code,
        links.basis as service_basis,
        availability.service_status,
        availability.status_basis,
        availability.status_wave,
        availability.launched_on,
        interest.interest_n,
        interest.interest_base_n,
        interest.interest_share_pct,
        availability.is_available,
        groups.has_other_cities and not availability.for_others as leaves_out_others,
        groups.has_mission_cities and not availability.for_mission_cities as leaves_out_mission_cities
    from groups
    inner join {{ ref('int_service_availability') }} as availability using (wave)
    inner join {{ source('knowledge', 'service_needs') }} as links using (service_code)
    left join interest
        on
            groups.wave = interest.wave
            and groups.cohort_code = interest.cohort_code
            and groups.dimension_code = interest.dimension_code
            and groups.member_code = interest.member_code
            and links.service_code = interest.service_code
),

-- Asked in this order: is the service for these cities, is it there, is it known that they want it.
judged as (
    select
        offers.wave,
        offers.cohort_code,
        offers.dimension_code,
        offers.member_code,
        offers.need_code,
        offers.service_code,
        offers.service_basis,
        offers.service_status,
        offers.status_basis,
        offers.status_wave,
        offers.launched_on,
        offers.interest_n,
        offers.interest_base_n,
        offers.interest_share_pct,
        offers.is_available and not offers.leaves_out_others and not offers.leaves_out_mission_cities as is_open,
        case
            when offers.leaves_out_others then 'mission_cities_only'
            when offers.leaves_out_mission_cities then 'other_cities_only'
            when offers.service_status = 'ended' then 'ended'
            when not offers.is_available then 'planned_only'
            when offers.interest_share_pct is null then 'interest_unknown'
            when offers.interest_share_pct < limits.low_interest_pct then 'low_interest'
            else 'covered'
        end as verdict_code
    from offers
    cross join limits
),

-- The verdict on a need is the best of its services': the first in the list of verdicts.
coverage as (
    select
        judged.wave,
        judged.cohort_code,
        judged.dimension_code,
        judged.member_code,
        judged.need_code,
        count(*) as services_n,
        count(*) filter (where judged.is_open) as open_services_n,
        count(*) filter (where judged.verdict_code = 'covered') as sufficient_services_n,
        min_by(judged.verdict_code, verdicts.position) as verdict_code
    from judged
    left join {{ source('knowledge', 'coverage_verdicts') }} as verdicts using (verdict_code)
    group by judged.wave, judged.cohort_code, judged.dimension_code, judged.member_code, judged.need_code
)

select
    groups.wave,
    groups.cohort_code,
    groups.dimension_code,
    groups.member_code,
    pathways.pathway_code,
    pathways.label as pathway_label,
    needs.need_code,
    needs.label as need_label,
    needs.theme_code,
    pathway_needs.basis as pathway_basis,
    demand.n,
    demand.base_n,
    demand.share_pct,
    demand.need_rank,
    coalesce(judged.service_code, 'none') as service_code,
    coalesce(services.label, 'No service') as service_label,
    judged.service_basis,
    judged.service_status,
    judged.status_basis,
    judged.status_wave,
    judged.launched_on,
    judged.interest_n,
    judged.interest_base_n,
    judged.interest_share_pct,
    judged.interest_n is not null as is_interest_known,
    case when judged.interest_n is not null then interest_bases.interest_basis end as interest_basis,
    judged.is_open,
    judged.verdict_code as service_verdict_code,
    service_verdicts.label as service_verdict,
    coalesce(coverage.services_n, 0) as services_n,
    coalesce(coverage.open_services_n, 0) as open_services_n,
    coalesce(coverage.sufficient_services_n, 0) as sufficient_services_n,
    verdicts.verdict_code,
    verdicts.label as verdict
from groups
cross join {{ source('knowledge', 'pathway_needs') }} as pathway_needs
inner join {{ ref('dim_pathway') }} as pathways using (pathway_code)
inner join {{ ref('dim_need') }} as needs using (need_code)
left join demand
    on
        groups.wave = demand.wave
        and groups.cohort_code = demand.cohort_code
        and groups.dimension_code = demand.dimension_code
        and groups.member_code = demand.member_code
        and pathway_needs.need_code = demand.need_code
left join judged
    on
        groups.wave = judged.wave
        and groups.cohort_code = judged.cohort_code
        and groups.dimension_code = judged.dimension_code
        and groups.member_code = judged.member_code
        and pathway_needs.need_code = judged.need_code
left join coverage
    on
        groups.wave = coverage.wave
        and groups.cohort_code = coverage.cohort_code
        and groups.dimension_code = coverage.dimension_code
        and groups.member_code = coverage.member_code
        and pathway_needs.need_code = coverage.need_code
left join {{ ref('dim_service') }} as services on judged.service_code = services.service_code
left join interest_bases on judged.service_code = interest_bases.service_code
left join {{ source('knowledge', 'coverage_verdicts') }} as service_verdicts
    on judged.verdict_code = service_verdicts.verdict_code
left join {{ source('knowledge', 'coverage_verdicts') }} as verdicts
    on coalesce(coverage.verdict_code, 'not_covered') = verdicts.verdict_code
