-- Grain: one row a thing whose words are like those that are asked for (kind, what to call): items, choices, needs,
-- initiatives, services, questions and tables of the report, the most alike first, with the call that shows it.
{{ config(parameters='words') }}
with things as (
    select
        'item' as kind,
        items.item_code as code,
        items.label as found,
        items.label || ' ' || items.item_code as searched,
        'crosstab(''' || items.item_code || ''')' as to_call
    from {{ ref('dim_item') }} as items
    where items.kind <> 'number'
    union all
    select
        'choice' as kind,
        choices.choice_code as code,
        items.label || ': ' || choices.label as found,
        choices.label as searched,
        'crosstab(''' || items.item_code || ''') where choice_code = ''' || choices.choice_code || '''' as to_call
    from {{ ref('dim_choice') }} as choices
    inner join {{ ref('dim_item') }} as items using (item_code)
    where choices.choice_kind = 'level'
    union all
    select
        'need' as kind,
        needs.need_code as code,
        needs.label as found,
        needs.label || ' ' || needs.need_code as searched,
        'gap(''' || needs.need_code || ''')' as to_call
    from {{ ref('dim_need') }} as needs
    where needs.need_code in (select evidence.need_code from {{ source('knowledge', 'need_evidence') }} as evidence)
    union all
    select
        'service' as kind,
        services.service_code as code,
        services.label as found,
        services.label || ' ' || services.service_code as searched,
        'mart.services where service_code = ''' || services.service_code || '''' as to_call
    from {{ ref('dim_service') }} as services
    union all
    select distinct
        'initiative' as kind,
        initiatives.initiative_code as code,
        initiatives.label as found,
        initiatives.label || ' ' || initiatives.initiative_code as searched,
        'mart.initiatives where initiative_code = ''' || initiatives.initiative_code || '''' as to_call
    from {{ ref('dim_initiative') }} as initiatives
    union all
    select
        'question' as kind,
        questions.question_code as code,
        questions.instrument || ' ' || questions.round || ': ' || questions.label as found,
        questions.label || ' ' || questions.question_code as searched,
        'mart.answers where instrument = ''' || questions.instrument || ''' and round = ''' || questions.round
        || ''' and question_code = ''' || questions.question_code || '''' as to_call
    from {{ ref('dim_question') }} as questions
    union all
    select
        'table' as kind,
        tables.table_id as code,
        tables.title as found,
        tables.title || ' ' || tables.table_id as searched,
        'mart.tables where wave = ''' || tables.wave || ''' and table_id = ''' || tables.table_id || '''' as to_call
    from {{ source('knowledge', 'tables') }} as tables
),

texts as (
    select
        row_number() over (order by things.kind, things.to_call, things.found) as thing_id,
        things.kind,
        things.code,
        things.found,
        things.to_call,
        lower(strip_accents(things.searched)) as searched
    from things
),

asked as (
    select unnest(string_split(trim(lower(strip_accents(words))), ' ')) as word
),

parts as (
    select
        texts.thing_id,
        texts.searched,
        unnest(regexp_split_to_array(texts.searched, '[^a-z0-9]+')) as part
    from texts
),

-- A word that is asked for has to be a part of the text, or near one of its words.
found_words as (
    select
        parts.thing_id,
        asked.word,
        max(
            case
                when contains(parts.searched, asked.word) then 1.0
                else jaro_winkler_similarity(parts.part, asked.word)
            end
        ) as likeness
    from parts
    cross join asked
    group by parts.thing_id, asked.word
),

-- Of several words each has to be found: the worst counts.
found_things as (
    select
        found_words.thing_id,
        min(found_words.likeness) as likeness
    from found_words
    group by found_words.thing_id
    having min(found_words.likeness) >= 0.9
)

select
    texts.kind,
    texts.code,
    texts.found,
    'from ' || texts.to_call as to_call
from texts
inner join found_things using (thing_id)
order by found_things.likeness desc, length(texts.found) asc, texts.kind asc, texts.to_call asc
