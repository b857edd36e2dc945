-- Grain: one row a wave × city × kind of offer × offer (wave, city_key, offer_kind, offer_code): the services and the
-- initiatives that the city may use and does not yet, which address one of its first needs, and which of them.
with limits as (
    select max(value) as top_needs
    from {{ ref('int_thresholds') }}
    where threshold_code = 'profile_top_needs'
),

top_needs as (
    select
        ranked.wave,
        ranked.city_key,
        ranked.need_code,
        ranked.need_rank,
        needs.label
    from {{ ref('int_profile_needs') }} as ranked
    inner join {{ ref('dim_need') }} as needs using (need_code)
    cross join limits
    where ranked.need_rank <= limits.top_needs
),

open_services as (
    select
        available.wave,
        cities.city_key,
        available.service_code
    from {{ ref('int_service_availability') }} as available
    inner join {{ ref('int_profiled_cities') }} using (wave)
    inner join {{ ref('dim_city') }} as cities using (city_key)
    left join {{ ref('fct_service_use') }} as uses
        on
            available.wave = uses.wave
            and available.service_code = uses.service_code
            and cities.city_key = uses.city_key
    where
        available.is_available
        and uses.city_key is null
        and case when cities.is_mission_city then available.for_mission_cities else available.for_others end
),

-- An initiative is open to the city if it is to the cities of its size class and to those of its region.
open_initiatives as (
    select
        profiled.wave,
        profiled.city_key,
        eligibility.initiative_code
    from {{ ref('int_profiled_cities') }} as profiled
    inner join {{ ref('int_initiative_eligibility') }} as eligibility
        on
            profiled.wave = eligibility.wave
            and profiled.cohort_code = eligibility.cohort_code
            and (
                (eligibility.dimension_code = 'size_class' and profiled.size_class_code = eligibility.member_code)
                or (eligibility.dimension_code = 'region' and profiled.region_code = eligibility.member_code)
            )
    left join {{ ref('int_city_initiatives') }} as taken
        on
            profiled.wave = taken.wave
            and profiled.cohort_code = taken.cohort_code
            and profiled.city_key = taken.city_key
            and eligibility.initiative_code = taken.initiative_code
    where taken.city_key is null
    group by profiled.wave, profiled.city_key, eligibility.initiative_code
    having bool_and(eligibility.takes_cities and eligibility.is_for_cohort and eligibility.is_for_group)
)

select
    top_needs.wave,
    top_needs.city_key,
    'service' as offer_kind,
    open_services.service_code as offer_code,
    services.label,
    min(top_needs.need_rank) as first_need_rank,
    count(*) as needs_n,
    {{ joined_texts('top_needs.label', 'top_needs.need_rank') }} as needs
from top_needs
inner join {{ source('knowledge', 'service_needs') }} using (need_code)
inner join open_services using (wave, city_key, service_code)
inner join {{ ref('dim_service') }} as services on open_services.service_code = services.service_code
group by top_needs.wave, top_needs.city_key, open_services.service_code, services.label
union all
select
    top_needs.wave,
    top_needs.city_key,
    'initiative' as offer_kind,
    open_initiatives.initiative_code as offer_code,
    initiatives.label,
    min(top_needs.need_rank) as first_need_rank,
    count(*) as needs_n,
    {{ joined_texts('top_needs.label', 'top_needs.need_rank') }} as needs
from top_needs
inner join {{ source('knowledge', 'initiative_needs') }} using (need_code)
inner join open_initiatives using (wave, city_key, initiative_code)
inner join {{ ref('dim_initiative') }} as initiatives
    on open_initiatives.wave = initiatives.wave and open_initiatives.initiative_code = initiatives.initiative_code
group by top_needs.wave, top_needs.city_key, open_initiatives.initiative_code, initiatives.label
