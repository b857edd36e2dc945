-- Grain: one row a number that a printed report shows (wave, cell_id): printed, computed, difference and a status.
with published as (
    select
        wave,
        cell_id,
        source,
        number,
        line,
        table_id,
        row_label,
        column_label,
        row_code,
        column_code,
        measure_id,
        why_not_computable,
        cohort_code,
        statistic,
        printed,
        value,
        decimals,
        precision_code,
        source_label,
        place
    from {{ ref('int_published_numbers') }}
),

computed as (
    select
        published.wave,
        published.cell_id,
        case published.statistic when 'share' then cells.share_pct when 'count' then cells.n else cells.value end
            as computed,
        cells.n,
        cells.base_n
    from published
    inner join {{ ref('gap_report_cell') }} as cells
        on
            published.wave = cells.wave
            and published.table_id = cells.table_id
            and published.cohort_code = cells.cohort_code
            and published.row_code = cells.row_code
            and published.column_code = cells.column_code
            and not cells.is_merged
    union all
    select
        published.wave,
        published.cell_id,
        measures.value as computed,
        measures.n,
        measures.base_n
    from published
    inner join {{ ref('gap_measure') }} as measures using (wave, measure_id)
),

-- Charts of some programs force the integers of a bar to sum to 100: all are cut, those with the largest rest raised.
bars as (
    select
        published.wave,
        published.cell_id,
        floor(computed.computed) as cut,
        100 - sum(floor(computed.computed)) over bar as rest,
        sum(computed.computed) over bar as total,
        row_number() over (
            partition by published.wave, published.table_id, published.cohort_code, published.row_code
            order by computed.computed - floor(computed.computed) desc, published.column_code asc
        ) as place_by_rest
    from published
    inner join computed using (wave, cell_id)
    where published.statistic = 'share' and published.source = 'figure'
    window bar as (partition by published.wave, published.table_id, published.cohort_code, published.row_code)
),

level_sums as (
    select
        wave,
        measure_id,
        sum({{ half_up('100.0 * n / nullif(base_n, 0)', '0') }}) as sum_of_rounded
    from {{ ref('int_measure_terms') }}
    group by wave, measure_id
    having count(*) > 1 and count(distinct item_code) = 1
),

stated_lines as (
    select distinct
        wave,
        line
    from {{ source('knowledge', 'need_statements') }}
),

limits as (
    select max(value) filter (where threshold_code = 'verbal_tolerance_pct') as verbal_tolerance_pct
    from {{ source('knowledge', 'thresholds') }}
),

compared as (
    select
        published.wave,
        published.cell_id,
        published.source,
        published.number,
        published.line,
        published.source_label,
        published.place,
        published.cohort_code,
        published.measure_id,
        published.statistic,
        published.printed,
        published.value as printed_value,
        published.precision_code,
        computed.computed as computed_value,
        computed.n,
        computed.base_n,
        published.decimals,
        abs(computed.computed - published.value) as distance,
        {{ half_up('computed.computed', 'published.decimals') }} as half_up,
        case when published.statistic = 'share' then floor(computed.computed) end as truncated,
        case
            when
                abs(bars.total - 100) < 0.01
                then bars.cut + case when bars.place_by_rest <= bars.rest then 1 else 0 end
        end as forced_to_100,
        case when published.statistic = 'share' then level_sums.sum_of_rounded end as sum_of_rounded_levels,
        abs(published.value) * limits.verbal_tolerance_pct / 100.0 as tolerance,
        case
            when published.precision_code = 'text' and stated_lines.line is not null
                then 'A text: gaps.gap_need_statement has its need and the evidence.'
            when published.precision_code = 'text' then 'A text, no number.'
            when published.why_not_computable is not null then published.why_not_computable
            when published.source <> 'prose' and published.table_id is null
                then 'No report table of seeds/tables.csv has this row and column.'
            when published.source = 'prose' and published.measure_id is null
                then 'No measure of seeds/statements.csv stands for this sentence.'
            when computed.computed is null then 'No answer and no knowledge to compute it from.'
        end as why_not_computable
    from published
    left join computed using (wave, cell_id)
    left join bars using (wave, cell_id)
    left join level_sums using (wave, measure_id)
    left join stated_lines using (wave, line)
    cross join limits
),

judged as (
    select
        wave,
        cell_id,
        case
            when why_not_computable is not null then 'not computable from our data'
            when precision_code = 'over' and computed_value > printed_value
                then 'reproduced under another rounding'
            when precision_code = 'almost' and computed_value < printed_value and distance <= tolerance
                then 'reproduced under another rounding'
            when precision_code = 'about' and distance <= tolerance then 'reproduced under another rounding'
            when precision_code = 'exact' and printed_value = half_up then 'reproduced'
            when precision_code = 'exact' and printed_value in (forced_to_100, truncated, sum_of_rounded_levels)
                then 'reproduced under another rounding'
            else 'differs'
        end as status
    from compared
)

select
    compared.wave,
    compared.cell_id,
    compared.source,
    compared.number,
    compared.line,
    compared.source_label,
    compared.place,
    compared.cohort_code,
    compared.measure_id,
    compared.statistic,
    compared.printed,
    compared.printed_value,
    compared.computed_value,
    compared.n,
    compared.base_n,
    round(compared.computed_value - compared.printed_value, 4) as difference,
    judged.status as reconciliation_status,
    case
        when judged.status = 'reproduced' then 'half up'
        when judged.status <> 'reproduced under another rounding' then null
        when compared.precision_code <> 'exact' then 'in words: ' || compared.precision_code
        when compared.printed_value = compared.forced_to_100 then 'forced to sum to 100'
        when compared.printed_value = compared.sum_of_rounded_levels then 'sum of rounded levels'
        else 'cut off'
    end as rounding,
    compared.why_not_computable
from compared
inner join judged using (wave, cell_id)
