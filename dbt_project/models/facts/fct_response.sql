-- Grain: one row a response that counts (response_key).
with answers as (
    select
        response_key,
        count(distinct question_code) as questions_answered_n
    from {{ ref('stg_answers') }}
    group by response_key
),

rejected as (
    select
        response_key,
        count(*) as rejected_answers_n
    from {{ ref('stg_rejected') }}
    where scope = 'answer'
    group by response_key
)

select
    responses.response_key,
    responses.instrument,
    responses.round,
    cities.city_key,
    responses.submitted_at,
    responses.language,
    responses.source_file,
    responses.source_sheet,
    responses.source_row,
    coalesce(answers.questions_answered_n, 0) as questions_answered_n,
    coalesce(rejected.rejected_answers_n, 0) as rejected_answers_n
from {{ ref('stg_responses') }} as responses
inner join {{ ref('int_response_cities') }} as cities using (response_key)
left join answers using (response_key)
left join rejected using (response_key)
