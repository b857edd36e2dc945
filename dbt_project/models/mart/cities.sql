-- Grain: one row a wave × city of a cohort (wave, city_key): where it lies, how large it is, which cohorts it belongs
-- to, and what it takes part in.
with cohorts as (
    select
        members.wave,
        members.city_key,
        {{ joined_texts('labels.label', 'labels.position') }} as cohorts
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('dim_cohort') }} as labels using (cohort_code)
    group by members.wave, members.city_key
),

taken_part_in as (
    select distinct
        wave,
        city_key,
        initiative_code
    from {{ ref('int_city_initiatives') }}
),

initiatives as (
    select
        taken_part_in.wave,
        taken_part_in.city_key,
        count(*) as initiatives_n,
        {{ joined_texts('labels.label', 'labels.label') }} as initiatives
    from taken_part_in
    inner join {{ ref('dim_initiative') }} as labels using (wave, initiative_code)
    group by taken_part_in.wave, taken_part_in.city_key
),

-- To take part in nothing is a fact only where a register would know of it.
registered as (
    select distinct
        members.wave,
        members.city_key
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_complete_registers') }} using (wave, cohort_code)
    inner join {{ source('knowledge', 'initiative_items') }} as items using (item_code)
    where items.attribute = 'initiative'
)

select
    cohorts.wave,
    cohorts.city_key,
    cities.city_name,
    cities.is_pseudonym,
    cities.country_code,
    regions.label as region_label,
    cities.population,
    sizes.label as size_class_label,
    cities.is_mission_city,
    cohorts.cohorts,
    coalesce(initiatives.initiatives_n, case when registered.city_key is not null then 0 end) as initiatives_n,
    initiatives.initiatives
from cohorts
inner join {{ ref('dim_city') }} as cities using (city_key)
left join {{ ref('dim_region') }} as regions using (region_code)
left join {{ ref('dim_size_class') }} as sizes using (size_class_code)
left join initiatives using (wave, city_key)
left join registered using (wave, city_key)
