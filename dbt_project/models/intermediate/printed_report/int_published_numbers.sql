-- Grain: one row a number that a printed report shows (wave, cell_id), with what it stands for: a place of a table or
-- figure, or the measure that a sentence states. No answer of a respondent is used here.
with cells as (
    select
        cells.wave,
        cells.cell_id,
        cells.source,
        cells.number,
        cells.line,
        cells.section,
        cells.row_label,
        cells.column_label,
        cells.measure,
        cells.printed,
        cells.base_as_stated,
        cells.refers_to,
        cells.note,
        try_cast(cells.value as double) as value,
        lower(cells.printed) as printed_lower
    from {{ source('knowledge', 'published_cells') }} as cells
),

-- A measure of one choice and no base of its own is a number of that choice, as a figure would print it.
terms as (
    select
        measure_id,
        count(*) = 1 and min(part) = 'numerator' and min(is_chosen) = 'yes' as is_one_choice,
        min(item_code) as item_code,
        min(choice_code) as choice_code
    from {{ source('knowledge', 'measure_terms') }}
    group by measure_id
),

resolved as (
    select
        cells.wave,
        cells.cell_id,
        cells.source,
        cells.number,
        cells.line,
        cells.section,
        cells.row_label,
        cells.column_label,
        cells.measure,
        cells.printed,
        cells.base_as_stated,
        cells.refers_to,
        cells.note,
        cells.value,
        cells.printed_lower,
        places.table_id,
        statements.measure_id,
        statements.reason,
        measures.statistic,
        places.row_code,
        places.column_code,
        coalesce(places.cohort_code, measures.cohort_code) as cohort_code,
        case
            when places.item_code is not null then places.item_code
            when measures.statistic in ('mean', 'median', 'min', 'max') and terms.measure_id is null
                then measures.subject
            when measures.statistic = 'count' and terms.measure_id is null then 'all'
            when terms.is_one_choice then terms.item_code
        end as item_code,
        case
            when places.item_code is not null then places.choice_code
            when measures.statistic = 'count' and terms.measure_id is null then 'all'
            when terms.is_one_choice then terms.choice_code
        end as choice_code,
        coalesce(places.dimension_code, 'all') as dimension_code,
        coalesce(places.member_code, 'all') as member_code
    from cells
    left join {{ ref('int_report_places') }} as places
        on
            cells.source <> 'prose'
            and cells.wave = places.wave
            and cells.source = places.source
            and cells.number = places.number
            and cells.row_label = places.row_label
            and cells.column_label = places.column_label
            and not places.is_merged
    left join {{ source('knowledge', 'statements') }} as statements
        on cells.source = 'prose' and cells.wave = statements.wave and cells.cell_id = statements.cell_id
    left join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    left join terms using (measure_id)
)

select
    resolved.wave,
    resolved.cell_id,
    resolved.source,
    resolved.number,
    resolved.line,
    resolved.section as chapter,
    resolved.table_id,
    resolved.row_label,
    resolved.column_label,
    resolved.row_code,
    resolved.column_code,
    resolved.measure_id,
    resolved.reason as why_not_computable,
    resolved.cohort_code,
    resolved.item_code,
    resolved.choice_code,
    coalesce(choices.choice_kind, 'level') as choice_kind,
    resolved.dimension_code,
    resolved.member_code,
    resolved.measure as printed_measure,
    coalesce(
        resolved.statistic,
        case resolved.measure when 'percent' then 'share' else resolved.measure end
    ) as statistic,
    resolved.printed,
    resolved.value,
    case
        when not regexp_matches(resolved.printed, '[0-9]') then 0
        else length(regexp_extract(resolved.printed, '\.([0-9]+)', 1))
    end as decimals,
    case
        when resolved.value is null then 'text'
        when resolved.printed_lower like 'over %' then 'over'
        when resolved.printed_lower like 'almost %' or resolved.printed_lower like 'nearly %' then 'almost'
        when regexp_matches(resolved.printed_lower, '^(half|one third|a third|a quarter)') then 'about'
        else 'exact'
    end as precision_code,
    resolved.base_as_stated,
    resolved.refers_to,
    resolved.note,
    case resolved.source
        when 'prose' then 'Line ' || resolved.line
        else upper(resolved.source[1]) || resolved.source[2:] || ' ' || resolved.number
    end as source_label,
    case resolved.source
        when 'table' then resolved.number
        when 'figure' then 1000 + resolved.number
        else 10000 + resolved.line
    end as source_order,
    case resolved.source
        when 'prose' then resolved.column_label
        else 'row ' || coalesce(resolved.row_label, '') || ', column ' || coalesce(resolved.column_label, '')
    end as place
from resolved
left join {{ ref('dim_choice') }} as choices
    on resolved.item_code = choices.item_code and resolved.choice_code = choices.choice_code
