-- Grain: one row a wave × number that reviewed knowledge holds without any answer (wave, number_code): of the wave's
-- round of an instrument, or of a scale, a class, a theme scheme.
with rounds as (
    select
        wave_rounds.wave,
        'round.' || wave_rounds.instrument as stem,
        rounds.fieldwork_start,
        rounds.fieldwork_end
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ source('knowledge', 'rounds') }} as rounds using (instrument, round)
),

question_counts as (
    select
        wave_rounds.wave,
        'round.' || wave_rounds.instrument as stem,
        count(distinct coalesce(questions.question_number, questions.question_code)) as questions_n,
        count(distinct questions.section) as sections_n
    from {{ source('knowledge', 'wave_rounds') }} as wave_rounds
    inner join {{ source('knowledge', 'questions') }} as questions using (instrument, round)
    group by wave_rounds.wave, wave_rounds.instrument
),

round_numbers as (
    select
        wave,
        stem || '.first_year' as number_code,
        extract(year from fieldwork_start) as value_number
    from rounds
    union all
    select
        wave,
        stem || '.weeks' as number_code,
        ceil((fieldwork_end - fieldwork_start + 1) / 7.0) as value_number
    from rounds
    union all
    select
        wave,
        stem || '.questions' as number_code,
        questions_n as value_number
    from question_counts
    union all
    select
        wave,
        stem || '.sections' as number_code,
        sections_n as value_number
    from question_counts
),

lasting_numbers as (
    select
        'scale.' || scale_code || '.choices' as number_code,
        count(*) as value_number
    from {{ source('knowledge', 'scales') }}
    group by scale_code
    union all
    select
        'class.' || choice_map || '.' || choice_code || '.lower' as number_code,
        lower_inclusive as value_number
    from {{ source('knowledge', 'number_classes') }}
    union all
    select
        'class.' || choice_map || '.' || choice_code || '.upper' as number_code,
        upper_exclusive as value_number
    from {{ source('knowledge', 'number_classes') }}
    union all
    select
        'theme_scheme.' || scheme || '.themes' as number_code,
        count(*) as value_number
    from {{ source('knowledge', 'theme_crosswalk') }}
    group by scheme
    union all
    select
        'scoring.groups' as number_code,
        count(distinct groups.group_code) as value_number
    from {{ source('knowledge', 'scoring_groups') }} as groups
    inner join {{ source('knowledge', 'scorings') }} as scorings using (scoring_version)
    where scorings.is_default = 'yes'
)

select
    wave,
    number_code,
    cast(value_number as double) as value_number
from round_numbers
where value_number is not null
union all
select
    waves.wave,
    lasting_numbers.number_code,
    cast(lasting_numbers.value_number as double) as value_number
from lasting_numbers
cross join {{ source('knowledge', 'waves') }} as waves
where lasting_numbers.value_number is not null
