-- Grain: one row a response × need whose evidence the round asked for (response_key, need_code).
with evidence as (
    select
        need_code,
        item_code,
        choice_code,
        coalesce(is_chosen, 'yes') = 'yes' as is_chosen
    from {{ source('knowledge', 'need_evidence') }}
),

evidence_items as (
    select
        need_code,
        item_code,
        bool_and(is_chosen) as is_chosen
    from evidence
    group by need_code, item_code
),

asked as (
    select
        responses.response_key,
        evidence_items.need_code,
        evidence_items.item_code,
        evidence_items.is_chosen
    from evidence_items
    inner join {{ source('knowledge', 'item_sources') }} using (item_code)
    inner join {{ ref('stg_responses') }} as responses using (instrument, round)
),

-- A need is stated by a choice that is chosen, or by none of the choices being chosen where the item was answered.
read_answers as (
    select
        asked.response_key,
        asked.need_code,
        asked.item_code,
        asked.is_chosen,
        count(answers.choice_code) > 0 as is_answered,
        count(evidence.choice_code) > 0 as has_choice
    from asked
    left join {{ ref('int_item_answers') }} as answers
        on asked.response_key = answers.response_key and asked.item_code = answers.item_code
    left join evidence
        on
            asked.need_code = evidence.need_code
            and answers.item_code = evidence.item_code
            and answers.choice_code = evidence.choice_code
    group by asked.response_key, asked.need_code, asked.item_code, asked.is_chosen
)

select
    read_answers.response_key,
    read_answers.need_code,
    max(levels.need_level) as need_level,
    bool_or(read_answers.is_answered and read_answers.has_choice = read_answers.is_chosen) as is_need,
    bool_or(read_answers.is_answered) as is_answered
from read_answers
left join {{ ref('int_item_levels') }} as levels
    on read_answers.response_key = levels.response_key and read_answers.item_code = levels.item_code
group by read_answers.response_key, read_answers.need_code
