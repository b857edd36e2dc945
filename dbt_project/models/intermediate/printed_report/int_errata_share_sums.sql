-- Grain: one row a set of printed numbers that should make a whole and does not (wave, source_id, source_label,
-- cohort_code, item_code, statistic): shares of all choices of a single-choice item against 100, answered and missing
-- against the cohort.
with numbers as (
    select
        wave,
        source,
        coalesce(table_id, 'text') as source_id,
        source_label,
        source_order,
        line,
        chapter,
        cohort_code,
        item_code,
        choice_code,
        choice_kind,
        statistic,
        value,
        row_number() over (
            partition by wave, coalesce(table_id, 'text'), chapter, cohort_code, item_code, choice_code, statistic
            order by source_order, cell_id
        ) as repetition
    from {{ ref('int_published_numbers') }}
    where dimension_code = 'all' and precision_code = 'exact' and choice_code is not null
),

single_items as (
    select
        items.item_code,
        items.label,
        count(*) as choices_n
    from {{ ref('dim_item') }} as items
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    where items.kind = 'single' and choices.choice_kind = 'level'
    group by items.item_code, items.label
),

-- A text may print a share again later: the section that prints every choice is the whole.
share_sums as (
    select
        numbers.wave,
        numbers.source_id,
        case
            when numbers.source_id = 'text' then 'Lines ' || min(numbers.line) || '-' || max(numbers.line)
            else max(numbers.source_label)
        end as source_label,
        min(numbers.source_order) as source_order,
        numbers.cohort_code,
        numbers.item_code,
        'share' as statistic,
        single_items.label as place,
        sum(numbers.value) as printed_value,
        100.0 as expected_value,
        single_items.choices_n / 2.0 as tolerance
    from numbers
    inner join single_items using (item_code)
    where numbers.statistic = 'share' and numbers.choice_kind = 'level' and numbers.repetition = 1
    group by
        numbers.wave,
        numbers.source_id,
        numbers.chapter,
        numbers.cohort_code,
        numbers.item_code,
        single_items.label,
        single_items.choices_n
    having count(*) = single_items.choices_n
),

answer_sums as (
    select
        numbers.wave,
        numbers.source_id,
        max(numbers.source_label) as source_label,
        min(numbers.source_order) as source_order,
        numbers.cohort_code,
        numbers.item_code,
        'count' as statistic,
        items.label || ', answered and missing' as place,
        sum(numbers.value) as printed_value,
        margins.margin_n as expected_value,
        0.0 as tolerance
    from numbers
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('int_published_margins') }} as margins
        on numbers.wave = margins.wave and numbers.cohort_code = margins.cohort_code and margins.item_code = 'all'
    where numbers.statistic = 'count' and numbers.choice_kind <> 'level' and numbers.source <> 'prose'
    group by
        numbers.wave, numbers.source_id, numbers.cohort_code, numbers.item_code, items.label, margins.margin_n
    having count(distinct numbers.choice_kind) = 2
),

sums as (
    select
        wave,
        source_id,
        source_label,
        source_order,
        cohort_code,
        item_code,
        statistic,
        place,
        printed_value,
        expected_value,
        tolerance
    from share_sums
    union all
    select
        wave,
        source_id,
        source_label,
        source_order,
        cohort_code,
        item_code,
        statistic,
        place,
        printed_value,
        expected_value,
        tolerance
    from answer_sums
)

select
    sums.wave,
    concat_ws('.', sums.source_label, sums.cohort_code, sums.item_code, sums.statistic) as finding,
    sums.source_id,
    sums.source_label,
    sums.source_order,
    sums.cohort_code,
    sums.item_code,
    sums.statistic,
    cohorts.label || ': ' || sums.place as place,
    sums.printed_value,
    sums.expected_value,
    case sums.statistic
        when 'share' then 'shares of a single choice sum to 100'
        else 'the size of the cohort'
    end as contradicted_by
from sums
inner join {{ ref('dim_cohort') }} as cohorts using (cohort_code)
where abs(sums.printed_value - sums.expected_value) > sums.tolerance
