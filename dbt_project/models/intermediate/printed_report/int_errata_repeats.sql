-- Grain: one row a number that the same report prints with another value elsewhere (wave, cell_id).
with numbers as (
    select
        wave,
        cell_id,
        source_label,
        source_order,
        place,
        cohort_code,
        item_code,
        statistic,
        value,
        case
            when item_code is null then measure_id
            else concat_ws('|', cohort_code, item_code, choice_code, dimension_code, member_code)
        end as quantity
    from {{ ref('int_published_numbers') }}
    where precision_code = 'exact' and (item_code is not null or measure_id is not null)
),

known_numbers as (
    select
        known.wave,
        measures.measure_id,
        known.value_number
    from {{ source('knowledge', 'measures') }} as measures
    inner join {{ ref('int_known_numbers') }} as known on measures.subject = known.number_code
    where measures.statistic = 'known'
),

-- A share whose counts are printed is judged by these (int_errata_shares).
counted_shares as (
    select distinct
        wave,
        cell_id
    from {{ ref('int_published_shares') }}
),

-- The value printed most often is taken for the right one; of equals the one that knowledge has, then the first.
votes as (
    select
        numbers.wave,
        numbers.quantity,
        numbers.statistic,
        numbers.value,
        row_number() over (
            partition by numbers.wave, numbers.quantity, numbers.statistic
            order by
                count(*) desc,
                coalesce(bool_or(numbers.value = known_numbers.value_number), false) desc,
                min(numbers.source_order) asc,
                numbers.value asc
        ) as value_rank
    from numbers
    left join known_numbers
        on numbers.wave = known_numbers.wave and numbers.quantity = known_numbers.measure_id
    group by numbers.wave, numbers.quantity, numbers.statistic, numbers.value
),

usual as (
    select
        votes.wave,
        votes.quantity,
        votes.statistic,
        votes.value,
        min(numbers.source_label order by numbers.source_order) as contradicted_by
    from votes
    inner join numbers using (wave, quantity, statistic, value)
    where votes.value_rank = 1
    group by votes.wave, votes.quantity, votes.statistic, votes.value
),

-- The printed value may be another statistic of the same numbers: a median called a mean.
other_statistics as (
    select distinct
        own.wave,
        own.cell_id
    from numbers as own
    inner join numbers as other
        on
            own.wave = other.wave
            and own.quantity = other.quantity
            and own.statistic <> other.statistic
            and own.value = other.value
    where own.statistic in ('mean', 'median', 'min', 'max', 'sd')
)

select
    numbers.wave,
    numbers.cell_id as finding,
    numbers.cell_id,
    numbers.source_label,
    numbers.source_order,
    numbers.cohort_code,
    numbers.place,
    numbers.statistic,
    numbers.value as printed_value,
    usual.value as expected_value,
    usual.contradicted_by,
    case
        when other_statistics.cell_id is not null then 'other_statistic'
        when {{ one_digit_apart('numbers.value', 'usual.value') }} then 'one_digit'
    end as explanation_code
from numbers
inner join usual using (wave, quantity, statistic)
left join other_statistics using (wave, cell_id)
left join counted_shares using (wave, cell_id)
where
    counted_shares.cell_id is null
    and {{ half_up('numbers.value', '0') }} <> {{ half_up('usual.value', '0') }}
