-- Grain: one row a response × service that its round asked about (response_key, service_code). Interest is any choice
-- that counts as such, of whichever item of the service.
with asked as (
    select distinct
        interest.service_code,
        item_sources.item_code,
        item_sources.instrument,
        item_sources.round
    from {{ source('knowledge', 'service_interest') }} as interest
    inner join {{ source('knowledge', 'item_sources') }} as item_sources using (item_code)
)

select
    responses.response_key,
    asked.service_code,
    bool_or(interest.choice_code is not null) as is_interested
from asked
inner join {{ ref('stg_responses') }} as responses using (instrument, round)
left join {{ ref('int_item_answers') }} as answers
    on responses.response_key = answers.response_key and asked.item_code = answers.item_code
left join {{ source('knowledge', 'service_interest') }} as interest
    on
        asked.service_code = interest.service_code
        and answers.item_code = interest.item_code
        and answers.choice_code = interest.choice_code
group by responses.response_key, asked.service_code
