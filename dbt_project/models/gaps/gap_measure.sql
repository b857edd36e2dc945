-- Grain: one row a wave × measure (wave, measure_id): a number that a sentence of the report states, with its base.
with counted as (
    select
        wave,
        measure_id,
        count(*) filter (where is_in_numerator) as n,
        count(*) as base_n
    from {{ ref('int_measure_members') }}
    group by wave, measure_id
),

member_numbers as (
    select
        members.wave,
        members.measure_id,
        numbers.value_number
    from {{ ref('int_measure_members') }} as members
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    inner join {{ ref('int_cohort_numbers') }} as numbers
        on
            members.wave = numbers.wave
            and measures.cohort_code = numbers.cohort_code
            and members.city_key = numbers.city_key
            and measures.subject = numbers.item_code
    where members.is_in_numerator
    union all
    select
        members.wave,
        members.measure_id,
        choices.level as value_number
    from {{ ref('int_measure_members') }} as members
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    inner join {{ ref('int_cohort_answers') }} as answers
        on
            members.wave = answers.wave
            and measures.cohort_code = answers.cohort_code
            and members.city_key = answers.city_key
            and measures.subject = answers.item_code
    inner join {{ ref('dim_choice') }} as choices
        on answers.item_code = choices.item_code and answers.choice_code = choices.choice_code
    where members.is_in_numerator and choices.level is not null
),

number_statistics as (
    select
        wave,
        measure_id,
        count(*) as numbers_n,
        avg(value_number) as mean,
        median(value_number) as median,
        min(value_number) as minimum,
        max(value_number) as maximum
    from member_numbers
    group by wave, measure_id
),

choice_counts as (
    select
        wave,
        measure_id,
        min(n) as smallest,
        max(n) as largest
    from {{ ref('int_measure_terms') }}
    group by wave, measure_id
),

known_waves as (
    select
        numbers.wave,
        measures.measure_id,
        numbers.value_number
    from {{ source('knowledge', 'measures') }} as measures
    inner join {{ ref('int_known_numbers') }} as numbers on measures.subject = numbers.number_code
    where measures.statistic = 'known'
),

computed as (
    select
        counted.wave,
        counted.measure_id,
        case measures.statistic
            when 'share' then {{ percent('counted.n', 'counted.base_n') }}
            when 'count' then counted.n
            when 'mean' then round(number_statistics.mean, 4)
            when 'median' then number_statistics.median
            when 'min' then number_statistics.minimum
            when 'max' then number_statistics.maximum
            when 'smallest' then choice_counts.smallest
            when 'largest' then choice_counts.largest
        end as value,
        case
            when measures.statistic in ('mean', 'median', 'min', 'max') then number_statistics.numbers_n
            when measures.statistic in ('share', 'count') then counted.n
        end as n,
        counted.base_n
    from counted
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    left join number_statistics using (wave, measure_id)
    left join choice_counts using (wave, measure_id)
    union all
    select
        wave,
        measure_id,
        value_number as value,
        null as n,
        null as base_n
    from known_waves
)

select
    computed.wave,
    computed.measure_id,
    measures.label as measure_label,
    measures.cohort_code,
    measures.statistic,
    cast(computed.value as double) as value,
    cast(computed.n as bigint) as n,
    cast(computed.base_n as bigint) as base_n
from computed
inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
