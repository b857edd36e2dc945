-- Grain: one row a response × question × choice (response_key, question_code, choice_code), of responses that count:
-- what each respondent said, in words.
select
    answers.instrument,
    answers.round,
    submissions.response_id,
    responses.city_key,
    cities.city_name,
    cities.country_code,
    questions.section,
    answers.question_code,
    questions.label as question_label,
    answers.choice_code,
    coalesce(
        answers.choice_label,
        answers.value_text,
        cast(answers.value_date as varchar),
        {{ number_text('answers.value_number') }}
    ) as answer,
    answers.value_number,
    questions.question_type,
    responses.source_file,
    responses.source_sheet,
    answers.source_row,
    answers.response_key
from {{ ref('fct_answer') }} as answers
inner join {{ ref('fct_response') }} as responses using (response_key)
inner join {{ ref('fct_submission') }} as submissions using (response_key)
inner join {{ ref('dim_question') }} as questions
    on
        answers.instrument = questions.instrument
        and answers.round = questions.round
        and answers.question_code = questions.question_code
left join {{ ref('dim_city') }} as cities on responses.city_key = cities.city_key
