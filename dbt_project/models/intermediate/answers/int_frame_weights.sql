-- Grain: one row a wave × cohort × city in a class of size and region that the wave's frame has (wave, cohort_code,
-- city_key): its post-stratification weight, of mean 1. A class without respondents is in nobody's weight:
-- `covered_pct` says how much of the frame the others are.
with frames as (
    select
        waves.wave,
        frames.cohort_code,
        frames.size_class,
        frames.region,
        sum(frames.cities_n) as frame_n
    from {{ source('knowledge', 'frames') }} as frames
    inner join {{ source('knowledge', 'waves') }} as waves on coalesce(frames.wave, waves.wave) = waves.wave
    where frames.kind = 'population'
    group by waves.wave, frames.cohort_code, frames.size_class, frames.region
),

classed as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        sizes.choice_code as size_class,
        regions.choice_code as region
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_cohort_answers') }} as sizes
        on
            members.wave = sizes.wave
            and members.cohort_code = sizes.cohort_code
            and members.city_key = sizes.city_key
            and sizes.item_code = 'size_class'
    inner join {{ ref('int_cohort_answers') }} as regions
        on
            members.wave = regions.wave
            and members.cohort_code = regions.cohort_code
            and members.city_key = regions.city_key
            and regions.item_code = 'region'
),

strata as (
    select
        classed.wave,
        classed.cohort_code,
        classed.size_class,
        classed.region,
        frames.frame_n,
        count(*) as cities_n
    from classed
    inner join frames using (wave, cohort_code, size_class, region)
    group by classed.wave, classed.cohort_code, classed.size_class, classed.region, frames.frame_n
),

covered as (
    select
        wave,
        cohort_code,
        sum(frame_n) as covered_n,
        sum(cities_n) as cities_n
    from strata
    group by wave, cohort_code
),

wholes as (
    select
        wave,
        cohort_code,
        sum(frame_n) as whole_n
    from frames
    group by wave, cohort_code
)

select
    classed.wave,
    classed.cohort_code,
    classed.city_key,
    (cast(strata.frame_n as double) / strata.cities_n) / (cast(covered.covered_n as double) / covered.cities_n)
        as frame_weight,
    {{ percent('covered.covered_n', 'wholes.whole_n') }} as covered_pct
from classed
inner join strata using (wave, cohort_code, size_class, region)
inner join covered using (wave, cohort_code)
inner join wholes using (wave, cohort_code)
