-- Grain: one row a wave × pathway with modules whose places are known by then (wave, pathway_code): places in all of
-- them, as of the latest row of each. Without a number a module takes all who come.
with known as (
    select
        waves.wave,
        places.module_code,
        places.places
    from {{ source('knowledge', 'module_places') }} as places
    inner join {{ ref('dim_wave') }} as told_in on places.wave = told_in.wave
    inner join {{ ref('dim_wave') }} as waves on told_in.report_year <= waves.report_year
    qualify row_number() over (
        partition by waves.wave, places.module_code
        order by told_in.report_year desc
    ) = 1
)

select
    known.wave,
    modules.pathway_code,
    cast(coalesce(sum(known.places), 0) as bigint) as places_n,
    bool_or(known.places is null) as is_unlimited
from known
inner join {{ source('knowledge', 'service_modules') }} as modules using (module_code)
where modules.pathway_code is not null
group by known.wave, modules.pathway_code
