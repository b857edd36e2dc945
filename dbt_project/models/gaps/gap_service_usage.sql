-- Grain: one row a wave × service with records in it × step that a city came to × cohort × grouping dimension × member
-- (wave, service_code, step_code, cohort_code, dimension_code, member_code): the way through a service, from the cities
-- of the group over those registered to those that completed it.
with used_services as (
    select
        wave,
        service_code,
        max(step_position) as last_position
    from {{ ref('fct_service_use') }}
    group by wave, service_code
),

first_steps as (
    select min_by(item_code, position) as registered_item_code
    from {{ source('knowledge', 'service_steps') }}
),

told as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        uses.service_code,
        steps.step_code,
        cast(sum(uses.persons_n) as bigint) as persons_n,
        cast(sum(uses.satisfaction_sum) as double) / nullif(sum(uses.ratings_n), 0) as mean_satisfaction,
        cast(sum(uses.ratings_n) as bigint) as ratings_n
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('fct_service_use') }} as uses using (wave, city_key)
    inner join {{ source('knowledge', 'service_steps') }} as steps on uses.step_position >= steps.position
    group by all
)

select
    cube.wave,
    cube.choice_code as service_code,
    services.label as service_label,
    states.service_status,
    steps.step_code,
    steps.label as step_label,
    steps.position,
    cube.item_code,
    cube.cohort_code,
    cube.dimension_code,
    cube.member_code,
    cube.n,
    cube.base_n,
    cube.share_pct,
    cube.share_low_pct,
    cube.share_high_pct,
    first_steps.registered_item_code,
    registered.n as registered_n,
    {{ percent('cube.n', 'registered.n') }} as registered_share_pct,
    told.persons_n,
    round(told.mean_satisfaction, 4) as mean_satisfaction,
    told.ratings_n
from {{ ref('gap_cube') }} as cube
inner join {{ source('knowledge', 'service_steps') }} as steps using (item_code)
inner join used_services
    on
        cube.wave = used_services.wave
        and cube.choice_code = used_services.service_code
        and steps.position <= used_services.last_position
inner join {{ ref('dim_service') }} as services on cube.choice_code = services.service_code
cross join first_steps
inner join {{ ref('gap_cube') }} as registered
    on
        cube.wave = registered.wave
        and cube.cohort_code = registered.cohort_code
        and first_steps.registered_item_code = registered.item_code
        and cube.choice_code = registered.choice_code
        and cube.dimension_code = registered.dimension_code
        and cube.member_code = registered.member_code
left join {{ ref('int_service_availability') }} as states
    on cube.wave = states.wave and cube.choice_code = states.service_code
left join told
    on
        cube.wave = told.wave
        and cube.cohort_code = told.cohort_code
        and cube.dimension_code = told.dimension_code
        and cube.member_code = told.member_code
        and cube.choice_code = told.service_code
        and steps.step_code = told.step_code
