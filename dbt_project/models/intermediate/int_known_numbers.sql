-- Grain: one row a number that reviewed knowledge holds without any answer (number_code): of a round, a scale, a class.
with rounds as (
    select
        'round.' || instrument || '.' || round as stem,
        fieldwork_start,
        fieldwork_end
    from {{ source('knowledge', 'rounds') }}
),

question_counts as (
    select
        'round.' || instrument || '.' || round as stem,
        count(distinct coalesce(question_number, question_code)) as questions_n,
        count(distinct section) as sections_n
    from {{ source('knowledge', 'questions') }}
    group by instrument, round
),

numbers as (
    select
        stem || '.first_year' as number_code,
        extract(year from fieldwork_start) as value_number
    from rounds
    union all
    select
        stem || '.weeks' as number_code,
        ceil((fieldwork_end - fieldwork_start + 1) / 7.0) as value_number
    from rounds
    union all
    select
        stem || '.questions' as number_code,
        questions_n as value_number
    from question_counts
    union all
    select
        stem || '.sections' as number_code,
        sections_n as value_number
    from question_counts
    union all
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
    number_code,
    cast(value_number as double) as value_number
from numbers
where value_number is not null
