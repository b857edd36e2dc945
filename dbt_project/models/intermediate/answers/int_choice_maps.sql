-- Grain: one row a choice map × choice that it reads × choice that it makes of it (choice_map, source_choice,
-- choice_code). Besides the reviewed maps, what the records of a round say of themselves: the map
-- `instrument/round/question` leads from the id of a record to its answer; `service_modules` from a module to its
-- pathway.
select
    choice_map,
    source_choice,
    choice_code
from {{ source('knowledge', 'choice_maps') }}
union all
select
    concat_ws('/', answers.instrument, answers.round, answers.question_code) as choice_map,
    responses.response_id as source_choice,
    answers.choice_code
from {{ ref('stg_answers') }} as answers
inner join {{ ref('stg_responses') }} as responses using (response_key)
inner join {{ source('knowledge', 'item_sources') }} as item_sources
    on item_sources.choice_map = concat_ws('/', answers.instrument, answers.round, answers.question_code)
where answers.choice_code is not null
group by all
union all
-- A module belongs to a pathway, or to none.
select
    'service_modules' as choice_map,
    module_code as source_choice,
    pathway_code as choice_code
from {{ source('knowledge', 'service_modules') }}
where pathway_code is not null
