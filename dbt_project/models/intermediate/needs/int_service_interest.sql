-- Grain: one row a wave × cohort × city × service that it was asked about
-- (wave, cohort_code, city_key, service_code). Interest is any choice that counts as such, of whichever item of the
-- service.
with service_items as (
    select distinct
        service_code,
        item_code
    from {{ source('knowledge', 'service_interest') }}
),

asked as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        service_items.service_code,
        service_items.item_code
    from service_items
    inner join {{ ref('int_cohort_items') }} as items using (item_code)
    inner join {{ ref('int_cohort_members') }} as members using (wave, cohort_code)
    left join {{ ref('int_cohort_asked') }} as asked_cities using (wave, cohort_code, city_key, item_code)
    where items.is_asked_of_all or asked_cities.city_key is not null
)

select
    asked.wave,
    asked.cohort_code,
    asked.city_key,
    asked.service_code,
    bool_or(interest.choice_code is not null) as is_interested
from asked
left join {{ ref('int_cohort_answers') }} as answers using (wave, cohort_code, city_key, item_code)
left join {{ source('knowledge', 'service_interest') }} as interest
    on
        asked.service_code = interest.service_code
        and answers.item_code = interest.item_code
        and answers.choice_code = interest.choice_code
group by asked.wave, asked.cohort_code, asked.city_key, asked.service_code
