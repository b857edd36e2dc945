-- Grain: one row a response that counts (response_id), in a view a round, with a column a question in the order of the
-- questionnaire, in words; choices of several are joined. The model is the list of the questions.
{{ config(materialized='view_a_round') }}
-- depends_on: {{ ref('answers') }}
select
    questions.instrument,
    questions.round,
    questions.question_code,
    questions.label
from {{ ref('dim_question') }} as questions
order by questions.instrument, questions.round, questions.position
