-- An answer that is no choice of its item's scale would be lost from the cube.
{{ config(meta={'dagster': {'ref': {'name': 'int_item_answers'}}}) }}
select
    answers.response_key,
    answers.item_code,
    answers.choice_code
from {{ ref('int_item_answers') }} as answers
left join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
where choices.item_code is null
