-- Grain: one row a response × number item (response_key, item_code).
select
    answers.response_key,
    item_sources.item_code,
    answers.value_number
from {{ source('knowledge', 'item_sources') }} as item_sources
inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
where item_sources.method = 'number' and answers.value_number is not null
