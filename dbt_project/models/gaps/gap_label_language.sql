-- Grain: one row a wave × kind × parent × code × language (wave, label_kind, parent_code, code, label_language): the
-- words of cohorts, themes, needs, questions and answers of gap_label in further languages. A reviewed translation
-- counts; else that of the codebook whose own text the word is, of the first of the wave's rounds that has one.
with words as (
    select
        labels.wave,
        labels.label_kind,
        labels.parent_code,
        labels.code,
        labels.label,
        case labels.label_kind when 'dimension' then 'item' else labels.label_kind end as seed_kind,
        coalesce(items.scale_code, '') as scale_code,
        case labels.label_kind when 'choice' then labels.parent_code else labels.code end as item_code
    from {{ ref('gap_label') }} as labels
    left join {{ ref('dim_item') }} as items on labels.label_kind = 'choice' and labels.parent_code = items.item_code
),

reviewed as (
    select
        words.wave,
        words.label_kind,
        words.parent_code,
        words.code,
        translations.language as label_language,
        translations.label,
        0 as rank
    from words
    inner join {{ source('knowledge', 'translations') }} as translations
        on
            words.seed_kind = translations.label_kind
            and words.scale_code = translations.parent_code
            and words.code = translations.code
),

-- Questions whose answers are those of an item as they are.
asked as (
    select
        wave_rounds.wave,
        wave_rounds.rank,
        sources.item_code,
        sources.instrument,
        sources.round,
        sources.question_code,
        questions.list_name
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'wave_rounds') }} as wave_rounds using (instrument, round)
    inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
    where sources.method = 'same'
),

codebook_texts as (
    select
        texts.instrument,
        texts.round,
        texts.label_kind,
        texts.parent_code,
        texts.code,
        texts.label_language,
        texts.label,
        coalesce(questions.label, choices.label) as own_label
    from {{ ref('dim_label') }} as texts
    left join {{ ref('stg_questions') }} as questions
        on
            texts.label_kind = 'question'
            and texts.instrument = questions.instrument
            and texts.round = questions.round
            and texts.code = questions.question_code
    left join {{ ref('stg_choices') }} as choices
        on
            texts.label_kind = 'choice'
            and texts.instrument = choices.instrument
            and texts.round = choices.round
            and texts.parent_code = choices.list_name
            and texts.code = choices.choice_code
    where texts.label_language <> 'und'
),

in_codebooks as (
    select
        words.wave,
        words.label_kind,
        words.parent_code,
        words.code,
        texts.label_language,
        texts.label,
        asked.rank
    from words
    inner join asked using (wave, item_code)
    inner join codebook_texts as texts
        on
            asked.instrument = texts.instrument
            and asked.round = texts.round
            and words.label = texts.own_label
            and case
                when words.seed_kind = 'item'
                    then texts.label_kind = 'question' and asked.question_code = texts.code
                when words.seed_kind = 'choice'
                    then
                        texts.label_kind = 'choice'
                        and asked.list_name = texts.parent_code
                        and words.code = texts.code
                else false
            end
),

found as (
    select
        wave,
        label_kind,
        parent_code,
        code,
        label_language,
        label,
        rank
    from reviewed
    union all
    select
        wave,
        label_kind,
        parent_code,
        code,
        label_language,
        label,
        rank
    from in_codebooks
),

ranked as (
    select
        wave,
        label_kind,
        parent_code,
        code,
        label_language,
        label,
        row_number() over (
            partition by wave, label_kind, parent_code, code, label_language
            order by rank, label
        ) as preference
    from found
)

select
    wave,
    label_kind,
    parent_code,
    code,
    label_language,
    label
from ranked
where preference = 1
