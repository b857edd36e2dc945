-- Grain: one row a wave × service that is known by then (wave, service_code): its state as of the latest wave that has
-- a row of it. What is only announced is known and not available.
with known as (
    select
        waves.wave,
        status.wave as status_wave,
        status.service_code,
        status.status as service_status,
        status.launched_on,
        status.for_mission_cities,
        status.for_others,
        status.basis as status_basis,
        status.line as status_line,
        status.source as status_source
    from {{ source('knowledge', 'service_status') }} as status
    inner join {{ ref('dim_wave') }} as told_in on status.wave = told_in.wave
    inner join {{ ref('dim_wave') }} as waves on told_in.report_year <= waves.report_year
    qualify row_number() over (
        partition by waves.wave, status.service_code
        order by told_in.report_year desc
    ) = 1
)

select
    wave,
    service_code,
    service_status,
    service_status = 'existing' and status_basis <> 'announced' as is_available,
    for_mission_cities = 'yes' as for_mission_cities,
    for_others = 'yes' as for_others,
    launched_on,
    status_basis,
    status_wave,
    status_wave <> wave as is_carried_forward,
    status_line,
    status_source
from known
