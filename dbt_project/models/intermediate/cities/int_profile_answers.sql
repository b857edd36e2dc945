-- Grain: one row a wave × city × item that it answered (wave, city_key, item_code): what it said, and the medians of
-- the cities of its cohort that are of its size class and of its region, itself among them, with how many answered.
with cohorts as (
    select distinct
        wave,
        cohort_code
    from {{ ref('int_profiled_cities') }}
),

told_values as (
    select
        levels.wave,
        levels.cohort_code,
        levels.city_key,
        levels.item_code,
        cast(levels.level as double) as told_value
    from {{ ref('int_cohort_levels') }} as levels
    inner join cohorts using (wave, cohort_code)
    union all
    select
        numbers.wave,
        numbers.cohort_code,
        numbers.city_key,
        numbers.item_code,
        cast(numbers.value_number as double) as told_value
    from {{ ref('int_cohort_numbers') }} as numbers
    inner join cohorts using (wave, cohort_code)
),

medians as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        told_values.item_code,
        median(told_values.told_value) as median_value,
        count(*) as base_n
    from {{ ref('int_group_members') }} as members
    inner join told_values using (wave, cohort_code, city_key)
    where members.dimension_code in ('size_class', 'region') and members.member_code <> 'missing'
    group by
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        told_values.item_code
),

told_choices as (
    select
        answers.wave,
        answers.cohort_code,
        answers.city_key,
        answers.item_code,
        {{ joined_texts('choices.label', 'choices.position') }} as value_text
    from {{ ref('int_cohort_answers') }} as answers
    inner join cohorts using (wave, cohort_code)
    inner join {{ ref('dim_choice') }} as choices
        on answers.item_code = choices.item_code and answers.choice_code = choices.choice_code
    where
        choices.choice_kind = 'level'
        and answers.item_code not in (
            select class_merges.merged_item_code from {{ source('knowledge', 'class_merges') }} as class_merges
        )
    group by answers.wave, answers.cohort_code, answers.city_key, answers.item_code
),

-- What registers tell of a city it did not say; the page has sections of its own for that.
said as (
    select
        answers.wave,
        answers.cohort_code,
        answers.city_key,
        answers.item_code
    from {{ ref('int_cohort_answers') }} as answers
    inner join cohorts using (wave, cohort_code)
    inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    where rounds.unit = 'city'
    union
    select
        numbers.wave,
        numbers.cohort_code,
        numbers.city_key,
        numbers.item_code
    from {{ ref('int_cohort_numbers') }} as numbers
    inner join cohorts using (wave, cohort_code)
    inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
    where rounds.unit = 'city'
),

told as (
    select
        said.wave,
        said.cohort_code,
        said.city_key,
        said.item_code,
        told_choices.value_text,
        told_values.told_value
    from said
    left join told_choices using (wave, cohort_code, city_key, item_code)
    left join told_values using (wave, cohort_code, city_key, item_code)
    where told_choices.value_text is not null or told_values.told_value is not null
)

select
    cities.wave,
    cities.city_key,
    told.item_code,
    told.value_text,
    told.told_value as value_number,
    sizes.median_value as size_class_median,
    sizes.base_n as size_class_base_n,
    regions.median_value as region_median,
    regions.base_n as region_base_n
from {{ ref('int_profiled_cities') }} as cities
inner join told using (wave, cohort_code, city_key)
left join medians as sizes
    on
        cities.wave = sizes.wave
        and cities.cohort_code = sizes.cohort_code
        and cities.size_class_code = sizes.member_code
        and told.item_code = sizes.item_code
        and sizes.dimension_code = 'size_class'
left join medians as regions
    on
        cities.wave = regions.wave
        and cities.cohort_code = regions.cohort_code
        and cities.region_code = regions.member_code
        and told.item_code = regions.item_code
        and regions.dimension_code = 'region'
