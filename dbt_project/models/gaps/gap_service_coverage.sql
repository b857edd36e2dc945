-- Grain: one row a wave × cohort × grouping dimension × member × pathway × need × service
-- (wave, cohort_code, dimension_code, member_code, pathway_code, need_code, service_code). A need that no service
-- addresses has one row of the service `none`; a need without evidence stays in, without a demand.
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

grouping_dimensions (dimension_code) as (
    values ('all'), ('size_class'), ('target_status')
    union all
    select distinct merged_item_code
    from {{ source('knowledge', 'class_merges') }}
    where item_code in ('size_class', 'target_status')
),

groups as (
    select distinct
        asked_cohorts.wave,
        asked_cohorts.cohort_code,
        members.dimension_code,
        members.member_code
    from asked_cohorts
    inner join {{ ref('int_group_members') }} as members using (wave, cohort_code)
    inner join grouping_dimensions using (dimension_code)
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

-- A service that no item asks about counts as sufficient: nothing is known against it.
offers as (
    select
        groups.wave,
        groups.cohort_code,
        groups.dimension_code,
        groups.member_code,
        links.need_code,
        links.service_code,
        links.basis as service_basis,
        interest.interest_n,
        interest.interest_base_n,
        interest.interest_share_pct,
        coalesce(interest.interest_share_pct < limits.low_interest_pct, false) as is_low
    from groups
    cross join {{ source('knowledge', 'service_needs') }} as links
    cross join limits
    left join interest
        on
            groups.wave = interest.wave
            and groups.cohort_code = interest.cohort_code
            and groups.dimension_code = interest.dimension_code
            and groups.member_code = interest.member_code
            and links.service_code = interest.service_code
),

coverage as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        need_code,
        count(*) as services_n,
        count(*) filter (where not is_low) as sufficient_services_n
    from offers
    group by wave, cohort_code, dimension_code, member_code, need_code
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
    coalesce(offers.service_code, 'none') as service_code,
    coalesce(services.label, 'No service') as service_label,
    offers.service_basis,
    offers.interest_n,
    offers.interest_base_n,
    offers.interest_share_pct,
    offers.interest_n is not null as is_interest_known,
    case when offers.interest_n is not null then interest_bases.interest_basis end as interest_basis,
    coalesce(coverage.services_n, 0) as services_n,
    coalesce(coverage.sufficient_services_n, 0) as sufficient_services_n,
    case
        when coverage.services_n is null then 'not covered'
        when coverage.sufficient_services_n = 0 then 'low interest'
        when coverage.sufficient_services_n = 1 then 'covered by one'
        else 'covered'
    end as verdict
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
left join offers
    on
        groups.wave = offers.wave
        and groups.cohort_code = offers.cohort_code
        and groups.dimension_code = offers.dimension_code
        and groups.member_code = offers.member_code
        and pathway_needs.need_code = offers.need_code
left join coverage
    on
        groups.wave = coverage.wave
        and groups.cohort_code = coverage.cohort_code
        and groups.dimension_code = coverage.dimension_code
        and groups.member_code = coverage.member_code
        and pathway_needs.need_code = coverage.need_code
left join {{ ref('dim_service') }} as services on offers.service_code = services.service_code
left join interest_bases on offers.service_code = interest_bases.service_code
