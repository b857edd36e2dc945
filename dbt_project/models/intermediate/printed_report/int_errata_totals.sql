-- Grain: one row a printed total that contradicts what most sources print (wave, source_id, cohort_code, item_code,
-- choice_code). Two totals of a table that hold each other's values tell of exchanged rows or columns.
with contradictions as (
    select
        totals.wave,
        totals.source_id,
        totals.source_label,
        totals.source_order,
        totals.total_kind,
        totals.cohort_code,
        totals.item_code,
        totals.choice_code,
        totals.total,
        margins.margin_n,
        margins.agreed_by
    from {{ ref('int_published_totals') }} as totals
    inner join {{ ref('int_published_margins') }} as margins using (wave, cohort_code, item_code, choice_code)
    where totals.total <> margins.margin_n
),

partners as (
    select distinct
        own.wave,
        own.source_id,
        own.cohort_code,
        own.item_code,
        own.choice_code
    from contradictions as own
    inner join contradictions as other
        on
            own.wave = other.wave
            and own.source_id = other.source_id
            and own.cohort_code = other.cohort_code
            and own.item_code = other.item_code
            and own.choice_code <> other.choice_code
            and own.total = other.margin_n
            and own.margin_n = other.total
),

-- A table with one wrong row whose surplus or want its wrong columns share has one wrong cell, or several in that row.
differences as (
    select
        wave,
        source_id,
        cohort_code,
        count(*) filter (where total_kind = 'row') as rows_n,
        count(*) filter (where total_kind = 'column') as columns_n,
        sum(total - margin_n) filter (where total_kind = 'row') as rows_difference,
        sum(total - margin_n) filter (where total_kind = 'column') as columns_difference
    from contradictions
    group by wave, source_id, cohort_code
),

labels as (
    select
        item_code,
        choice_code,
        label
    from {{ ref('dim_choice') }}
)

select
    contradictions.wave,
    concat_ws('.', contradictions.source_id, contradictions.item_code, contradictions.choice_code) as finding,
    contradictions.source_id,
    contradictions.source_label,
    contradictions.source_order,
    contradictions.total_kind,
    contradictions.cohort_code,
    contradictions.item_code,
    contradictions.choice_code,
    case contradictions.total_kind
        when 'row' then 'sum of ' || labels.label
        when 'column' then 'total of ' || labels.label
        when 'bar' then 'sum of all choices'
        else labels.label
    end as place,
    contradictions.total as printed_value,
    contradictions.margin_n as expected_value,
    contradictions.agreed_by as contradicted_by,
    case
        when partners.source_id is not null and contradictions.total_kind = 'row' then 'exchanged_rows'
        when partners.source_id is not null and contradictions.total_kind = 'column' then 'exchanged_headers'
        when
            differences.rows_n = 1 and differences.rows_difference = differences.columns_difference
            then case when differences.columns_n = 1 then 'one_cell' else 'one_row' end
        when contradictions.total_kind in ('row', 'bar') and contradictions.total < contradictions.margin_n
            then 'missing_answers'
    end as explanation_code
from contradictions
left join partners using (wave, source_id, cohort_code, item_code, choice_code)
left join differences using (wave, source_id, cohort_code)
left join labels using (item_code, choice_code)
