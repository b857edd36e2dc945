-- Every code that a seed names exists where it is defined; a row here is a code that does not.
{{ config(meta={'dagster': {'ref': {'name': 'dim_choice'}}}) }}
with unknown_codes as (
    select
        'items.scale_code' as place,
        items.item_code as named_by,
        items.scale_code as code
    from {{ source('knowledge', 'items') }} as items
    left join {{ source('knowledge', 'scales') }} as scales using (scale_code)
    where items.kind <> 'number' and scales.scale_code is null
    union all
    select
        'item_sources.item_code' as place,
        sources.question_code as named_by,
        sources.item_code as code
    from {{ source('knowledge', 'item_sources') }} as sources
    left join {{ source('knowledge', 'items') }} as items using (item_code)
    where items.item_code is null
    union all
    select
        'item_sources.question_code' as place,
        sources.item_code as named_by,
        sources.question_code as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ ref('stg_rounds') }} using (instrument, round)
    left join {{ ref('stg_questions') }} as questions using (instrument, round, question_code)
    where questions.question_code is null
    union all
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
    left join {{ source('knowledge', 'choice_maps') }} as maps
        on sources.choice_map = maps.choice_map and choices.choice_code = maps.source_choice
    where sources.method in ('map', 'combine') and maps.source_choice is null
    union all
    select
        'wave_rounds.round' as place,
        rounds_of_waves.wave as named_by,
        rounds_of_waves.instrument || '.' || rounds_of_waves.round as code
    from {{ source('knowledge', 'wave_rounds') }} as rounds_of_waves
    left join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    where rounds.round is null
    union all
    select
        'wave_rounds.wave' as place,
        rounds_of_waves.instrument as named_by,
        rounds_of_waves.wave as code
    from {{ source('knowledge', 'wave_rounds') }} as rounds_of_waves
    left join {{ source('knowledge', 'waves') }} as waves using (wave)
    where waves.wave is null
    union all
    select
        'cohort_filters.choice_code' as place,
        filters.cohort_code as named_by,
        filters.item_code || ' = ' || filters.choice_code as code
    from {{ source('knowledge', 'cohort_filters') }} as filters
    left join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
    where choices.item_code is null
    union all
    select
        'tables.dimension_code' as place,
        tables.table_id as named_by,
        tables.dimension_code as code
    from {{ source('knowledge', 'tables') }} as tables
    left join {{ source('knowledge', 'items') }} as items
        on tables.dimension_code = items.item_code and items.is_dimension = 'yes'
    where tables.dimension_code is not null and items.item_code is null
    union all
    select
        'table_members.member_code' as place,
        members.table_id as named_by,
        members.member_code as code
    from {{ source('knowledge', 'table_members') }} as members
    left join {{ source('knowledge', 'items') }} as items
        on members.member_kind = 'item' and members.member_code = items.item_code
    left join {{ source('knowledge', 'cohorts') }} as cohorts
        on members.member_kind = 'cohort' and members.member_code = cohorts.cohort_code
    where items.item_code is null and cohorts.cohort_code is null
    union all
    select
        'need_evidence.choice_code' as place,
        evidence.need_code as named_by,
        evidence.item_code || ' = ' || evidence.choice_code as code
    from {{ source('knowledge', 'need_evidence') }} as evidence
    left join {{ ref('dim_choice') }} as choices using (item_code, choice_code)
    where choices.item_code is null
    union all
    select
        'item_sources.round' as place,
        sources.item_code as named_by,
        sources.instrument || '.' || sources.round as code
    from {{ source('knowledge', 'item_sources') }} as sources
    left join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    where rounds.title is null
    union all
    select
        'item_sources.method: not for this kind of item' as place,
        sources.item_code as named_by,
        sources.method as code
    from {{ source('knowledge', 'item_sources') }} as sources
    inner join {{ source('knowledge', 'items') }} as items using (item_code)
    where (items.kind = 'number') <> (sources.method in ('number', 'count'))
    union all
    select
        'cohorts.instrument' as place,
        cohorts.cohort_code as named_by,
        cohorts.instrument as code
    from {{ source('knowledge', 'cohorts') }} as cohorts
    left join {{ ref('stg_rounds') }} as rounds using (instrument)
    where rounds.title is null
    union all
    select
        'cohort_pairs' as place,
        pairs.cohort_code as named_by,
        pairs.comparison_cohort_code as code
    from {{ source('knowledge', 'cohort_pairs') }} as pairs
    left join {{ source('knowledge', 'cohorts') }} as own using (cohort_code)
    left join {{ source('knowledge', 'cohorts') }} as other on pairs.comparison_cohort_code = other.cohort_code
    where own.label is null or other.label is null
    union all
    select
        'wave_rounds: a wave has one round of an instrument' as place,
        rounds_of_waves.wave as named_by,
        rounds_of_waves.instrument as code
    from {{ source('knowledge', 'wave_rounds') }} as rounds_of_waves
    group by rounds_of_waves.wave, rounds_of_waves.instrument
    having count(*) > 1
)

select
    place,
    named_by,
    code
from unknown_codes
