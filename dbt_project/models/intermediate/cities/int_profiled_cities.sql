-- Grain: one row a wave × city of a cohort (wave, city_key): the first of its cohorts, as which the page of the city
-- tells of it, and the classes whose cities it is compared with. A cohort of too many cities to hand each a page has
-- none: pages are the one thing behind the cube that would grow with the answers.
with with_pages as (
    select
        wave,
        cohort_code
    from {{ ref('int_cohort_members') }}
    group by wave, cohort_code
    having count(*) <= {{ var('profiled_cities_most') }}
),

cohorts as (
    select
        members.wave,
        members.city_key,
        members.cohort_code,
        row_number() over (
            partition by members.wave, members.city_key
            order by labels.position
        ) as preference
    from {{ ref('int_cohort_members') }} as members
    inner join with_pages using (wave, cohort_code)
    inner join {{ ref('dim_cohort') }} as labels using (cohort_code)
)

select
    cohorts.wave,
    cohorts.city_key,
    cohorts.cohort_code,
    sizes.member_code as size_class_code,
    regions.member_code as region_code
from cohorts
left join {{ ref('int_group_members') }} as sizes
    on
        cohorts.wave = sizes.wave
        and cohorts.cohort_code = sizes.cohort_code
        and cohorts.city_key = sizes.city_key
        and sizes.dimension_code = 'size_class'
left join {{ ref('int_group_members') }} as regions
    on
        cohorts.wave = regions.wave
        and cohorts.cohort_code = regions.cohort_code
        and cohorts.city_key = regions.city_key
        and regions.dimension_code = 'region'
where cohorts.preference = 1
