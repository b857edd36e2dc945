-- Grain: one row a wave × cohort × city × pathway that it is on (wave, cohort_code, city_key, pathway_code): how far it
-- came in the modules of the pathway, and how many of the needs in its focus the city still has.
with ways as (
    select
        uses.wave,
        uses.city_key,
        modules.pathway_code,
        max(uses.step_position) as step_position,
        bool_or(uses.is_use) as is_use
    from {{ ref('fct_service_use') }} as uses
    inner join {{ source('knowledge', 'service_modules') }} as modules using (module_code)
    where modules.pathway_code is not null
    group by uses.wave, uses.city_key, modules.pathway_code
),

last_steps as (
    select max(position) as last_position
    from {{ source('knowledge', 'service_steps') }}
)

select
    members.wave,
    members.cohort_code,
    members.city_key,
    ways.pathway_code,
    ways.is_use,
    ways.step_position = last_steps.last_position as is_completed,
    count(scores.need_code) as asked_needs_n,
    count(scores.need_code) filter (where scores.is_need) as open_needs_n
from {{ ref('int_cohort_members') }} as members
inner join ways using (wave, city_key)
cross join last_steps
left join {{ source('knowledge', 'pathway_needs') }} as focus on ways.pathway_code = focus.pathway_code
left join {{ ref('fct_need_score') }} as scores
    on
        members.wave = scores.wave
        and members.cohort_code = scores.cohort_code
        and members.city_key = scores.city_key
        and focus.need_code = scores.need_code
group by all
