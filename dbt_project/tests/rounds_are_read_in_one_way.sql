-- A round is read in one way: a wave has one round of an instrument and a rank, the method and pick of an item are for
-- its kind and round, and every choice of a mapped question is mapped; a row here is a place that is not so.
{{ config(meta={'dagster': {'ref': {'name': 'stg_questions'}}}) }}
with unsound as (
    select
        'choice_maps.source_choice: not mapped' as place,
        sources.item_code as named_by,
        choices.choice_code as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
    inner join {{ ref('stg_choices') }} as choices
        on
            questions.instrument = choices.instrument
            and questions.round = choices.round
            and questions.list_name = choices.list_name
    left join {{ ref('int_choice_maps') }} as maps
        on sources.choice_map = maps.choice_map and choices.choice_code = maps.source_choice
    left join {{ source('knowledge', 'service_modules') }} as modules
        on
            sources.choice_map = 'service_modules'
            and choices.choice_code = modules.module_code
            and modules.pathway_code is null
    where sources.method in ('map', 'combine') and maps.source_choice is null and modules.module_code is null
    union all
    select
        'item_sources.only_choice: no such choice of only_question' as place,
        sources.item_code as named_by,
        sources.only_question || '=' || sources.only_choice as code
    from {{ source('knowledge', 'item_sources') }} as sources
    left join {{ ref('stg_questions') }} as questions
        on
            sources.instrument = questions.instrument
            and sources.round = questions.round
            and sources.only_question = questions.question_code
    left join {{ ref('stg_choices') }} as choices
        on
            questions.instrument = choices.instrument
            and questions.round = choices.round
            and questions.list_name = choices.list_name
            and sources.only_choice = choices.choice_code
    where sources.only_question is not null and choices.choice_code is null
    union all
    select
        'item_sources.method: not for this kind of item' as place,
        sources.item_code as named_by,
        sources.method as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where
        sources.method <> 'answered' and (items.kind = 'number') <> (sources.method in ('number', 'count'))
    union all
    select
        'item_sources.method: coded is for open questions of cities' as place,
        sources.item_code as named_by,
        sources.question_code as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
    where sources.method = 'coded' and (questions.question_type <> 'text' or sources.pick is not null)
    union all
    select
        'item_sources.method: one item is coded from a question' as place,
        min(sources.item_code) as named_by,
        sources.question_code as code
    from {{ source('knowledge', 'item_sources') }} as sources
    where sources.method = 'coded'
    group by sources.instrument, sources.round, sources.question_code
    having count(*) > 1
    union all
    select
        'item_sources.pick: for rounds of records, and for them only' as place,
        sources.item_code as named_by,
        coalesce(sources.pick, 'no pick') as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    where (rounds.unit = 'record') <> (sources.pick is not null)
    union all
    select
        'item_sources.pick: count is for numbers, any for choices' as place,
        sources.item_code as named_by,
        sources.pick as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where (sources.pick = 'count' and items.kind <> 'number') or (sources.pick = 'any' and items.kind = 'number')
    union all
    select
        'item_sources.pick: none goes with any, latest or count' as place,
        sources.item_code as named_by,
        sources.instrument || ' ' || sources.round as code
    from {{ source('knowledge', 'item_sources') }} as sources
    group by sources.item_code, sources.instrument, sources.round
    having bool_and(sources.pick = 'none')
    union all
    select
        'item_sources.pick: any of several choices is for multiple items' as place,
        sources.item_code as named_by,
        sources.method as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where sources.pick = 'any' and items.kind = 'single' and sources.method <> 'answered'
    union all
    select
        'round.yml, complete_for: no such cohort' as place,
        named.instrument || ' ' || named.round as named_by,
        named.cohort_code as code
    from (
        select
            rounds.instrument,
            rounds.round,
            unnest(rounds.complete_for) as cohort_code
        from {{ ref('stg_rounds') }} as rounds
    ) as named
    left join {{ source('knowledge', 'cohorts') }} as cohorts using (cohort_code)
    where named.cohort_code not in ('', 'all') and cohorts.cohort_code is null
    union all
    select
        'item_sources.pick: none needs the choice no or none' as place,
        sources.item_code as named_by,
        sources.pick as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    left join {{ ref('dim_choice') }} as choices
        on sources.item_code = choices.item_code and choices.choice_code in ('no', 'none')
    where sources.pick = 'none' and items.kind <> 'number' and choices.item_code is null
    union all
    select
        'wave_rounds.rank: one round a rank' as place,
        ranked.wave as named_by,
        cast(ranked.rank as varchar) as code
    from {{ source('knowledge', 'wave_rounds') }} as ranked
    group by ranked.wave, ranked.rank
    having count(*) > 1
    union all
    select
        'wave_rounds: a wave has one round of an instrument' as place,
        rounds_of_waves.wave as named_by,
        coalesce(rounds_of_waves.read_as, rounds_of_waves.instrument) as code
    from {{ source('knowledge', 'wave_rounds') }} as rounds_of_waves
    group by rounds_of_waves.wave, coalesce(rounds_of_waves.read_as, rounds_of_waves.instrument)
    having count(*) > 1
)

select
    place,
    named_by,
    code
from unsound
