-- Landing reads by the codebook, so an answer without a question means two different codebooks.
{{ config(meta={'dagster': {'ref': {'name': 'stg_answers'}}}) }}
select
    answers.instrument,
    answers.round,
    answers.question_code,
    count(*) as answers_n
from {{ ref('stg_answers') }} as answers
left join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
where questions.question_code is null
group by answers.instrument, answers.round, answers.question_code
