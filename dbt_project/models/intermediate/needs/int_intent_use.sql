-- Grain: one row a wave × its base wave × cohort × city of the base wave × service that the register of use has × item
-- that asked for interest in it (wave, base_wave, cohort_code, city_key, service_code, item_code): what the city said
-- that it wants, and whether it used the service since. The item `all` is interest by any item of the service.
with used_services as (
    select distinct
        wave,
        service_code
    from {{ ref('fct_service_use') }}
),

-- Cohorts that the wave has, and that the register is complete for.
complete_cohorts as (
    select distinct
        complete.wave,
        complete.cohort_code
    from {{ ref('int_complete_registers') }} as complete
    inner join {{ source('knowledge', 'service_steps') }} using (item_code)
    inner join {{ ref('int_cohort_members') }} as members
        on complete.wave = members.wave and complete.cohort_code = members.cohort_code
),

uses as (
    select
        wave,
        city_key,
        service_code,
        bool_or(is_use) as is_use
    from {{ ref('fct_service_use') }}
    group by wave, city_key, service_code
),

interest_items as (
    select distinct
        service_code,
        item_code
    from {{ source('knowledge', 'service_interest') }}
),

asked as (
    select
        waves.wave,
        waves.base_wave,
        members.cohort_code,
        members.city_key,
        interest_items.service_code,
        interest_items.item_code
    from {{ source('knowledge', 'waves') }} as waves
    inner join used_services using (wave)
    inner join interest_items using (service_code)
    inner join {{ ref('int_cohort_items') }} as items
        on waves.base_wave = items.wave and interest_items.item_code = items.item_code
    inner join complete_cohorts
        on waves.wave = complete_cohorts.wave and items.cohort_code = complete_cohorts.cohort_code
    inner join {{ ref('int_cohort_members') }} as members
        on waves.base_wave = members.wave and items.cohort_code = members.cohort_code
    left join {{ ref('int_cohort_asked') }} as asked_cities
        on
            waves.base_wave = asked_cities.wave
            and members.cohort_code = asked_cities.cohort_code
            and members.city_key = asked_cities.city_key
            and interest_items.item_code = asked_cities.item_code
    where items.is_asked_of_all or asked_cities.city_key is not null
),

said as (
    select
        asked.wave,
        asked.base_wave,
        asked.cohort_code,
        asked.city_key,
        asked.service_code,
        asked.item_code,
        bool_or(interest.choice_code is not null) as is_interested
    from asked
    left join {{ ref('int_cohort_answers') }} as answers
        on
            asked.base_wave = answers.wave
            and asked.cohort_code = answers.cohort_code
            and asked.city_key = answers.city_key
            and asked.item_code = answers.item_code
    left join {{ source('knowledge', 'service_interest') }} as interest
        on
            asked.service_code = interest.service_code
            and answers.item_code = interest.item_code
            and answers.choice_code = interest.choice_code
    group by asked.wave, asked.base_wave, asked.cohort_code, asked.city_key, asked.service_code, asked.item_code
),

all_said as (
    select
        wave,
        base_wave,
        cohort_code,
        city_key,
        service_code,
        item_code,
        is_interested
    from said
    union all
    select
        wave,
        base_wave,
        cohort_code,
        city_key,
        service_code,
        'all' as item_code,
        bool_or(is_interested) as is_interested
    from said
    group by wave, base_wave, cohort_code, city_key, service_code
)

select
    all_said.wave,
    all_said.base_wave,
    all_said.cohort_code,
    all_said.city_key,
    all_said.service_code,
    all_said.item_code,
    all_said.is_interested,
    coalesce(uses.is_use, false) as is_use
from all_said
left join uses
    on
        all_said.wave = uses.wave
        and all_said.city_key = uses.city_key
        and all_said.service_code = uses.service_code
