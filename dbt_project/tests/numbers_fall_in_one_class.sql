-- A number that a question of classes asks for falls in exactly one class, or it would count as missing or twice.
{{ config(meta={'dagster': {'ref': {'name': 'stg_answers'}}}) }}
select
    answers.response_key,
    sources.item_code,
    answers.value_number,
    count(classes.choice_code) as classes_n
from {{ source('knowledge', 'item_sources') }} as sources
inner join {{ ref('stg_answers') }} as answers using (instrument, round, question_code)
left join {{ source('knowledge', 'number_classes') }} as classes
    on
        sources.choice_map = classes.choice_map
        and answers.value_number >= classes.lower_inclusive
        and answers.value_number < coalesce(classes.upper_exclusive, 'infinity')
where sources.method = 'class' and answers.value_number is not null
group by answers.response_key, sources.item_code, answers.value_number
having count(classes.choice_code) <> 1
