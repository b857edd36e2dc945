-- Grain: one row a wave × city × service × module of which the city has a record in a register of use that the wave
-- draws on (wave, city_key, service_code, module_code): how far it came. Codebooks of such registers name the questions
-- `module`, `persons` and `satisfaction`; of a record without a module the service is all that is known.
with steps as (
    select
        told.response_key,
        told.choice_code as service_code,
        max(steps.position) as step_position,
        bool_or(steps.is_use = 'yes') as is_use
    from {{ ref('int_item_answers') }} as told
    inner join {{ source('knowledge', 'service_steps') }} as steps using (item_code)
    group by told.response_key, told.choice_code
),

details as (
    select
        answers.response_key,
        max(answers.choice_code) filter (where answers.question_code = 'module') as module_code,
        max(answers.value_number) filter (where answers.question_code = 'persons') as persons_n,
        max(coalesce(answers.value_number, try_cast(answers.choice_code as integer))) filter (
            where answers.question_code = 'satisfaction'
        ) as satisfaction
    from {{ ref('stg_answers') }} as answers
    where
        answers.question_code in ('module', 'persons', 'satisfaction')
        and answers.response_key in (select steps.response_key from steps)
    group by answers.response_key
)

select
    wave_rounds.wave,
    cities.city_key,
    steps.service_code,
    coalesce(details.module_code, 'none') as module_code,
    max(steps.step_position) as step_position,
    bool_or(steps.is_use) as is_use,
    cast(max(details.persons_n) as bigint) as persons_n,
    cast(sum(details.satisfaction) as bigint) as satisfaction_sum,
    count(details.satisfaction) as ratings_n
from steps
inner join {{ ref('int_response_cities') }} as cities using (response_key)
inner join {{ source('knowledge', 'wave_rounds') }} as wave_rounds using (instrument, round)
left join details using (response_key)
where cities.unit = 'record' and cities.tells_of_city
group by wave_rounds.wave, cities.city_key, steps.service_code, coalesce(details.module_code, 'none')
