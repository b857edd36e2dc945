-- Grain: one row a wave × initiative × question × choice (wave, initiative_code, question_code, choice_code): what the
-- mapping of initiatives that the wave draws on says of each.
select
    wave_rounds.wave,
    responses.response_id as initiative_code,
    responses.response_key,
    answers.question_code,
    answers.choice_code,
    choices.label as choice_label,
    choices.position,
    answers.value_text,
    answers.value_number,
    answers.value_date
from {{ ref('stg_answers') }} as answers
inner join {{ ref('stg_responses') }} as responses using (response_key)
inner join {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    on answers.instrument = wave_rounds.instrument and answers.round = wave_rounds.round
inner join {{ ref('stg_questions') }} as questions
    on
        answers.instrument = questions.instrument
        and answers.round = questions.round
        and answers.question_code = questions.question_code
left join {{ ref('stg_choices') }} as choices
    on
        answers.instrument = choices.instrument
        and answers.round = choices.round
        and questions.list_name = choices.list_name
        and answers.choice_code = choices.choice_code
where answers.instrument = 'initiative_mapping'
