-- Grain: one row a printed cell of a report table or figure (wave, table_id, cohort_code, row_code, column_code,
-- is_merged): by the classes that are printed, and by merged ones where the public release has these instead.
with counts as (
    select
        places.wave,
        places.table_id,
        places.cohort_code,
        places.row_code,
        places.column_code,
        places.is_merged,
        cube.n,
        cube.base_n,
        cube.answered_n,
        cube.share_pct,
        cube.share_low_pct,
        cube.share_high_pct,
        case places.measure_code when 'share' then cube.share_pct else cube.n end as value
    from {{ ref('int_report_places') }} as places
    inner join {{ ref('gap_cube') }} as cube
        using (wave, cohort_code, item_code, choice_code, dimension_code, member_code)
),

statistics as (
    select
        places.wave,
        places.table_id,
        places.cohort_code,
        places.row_code,
        places.column_code,
        places.is_merged,
        numbers.n,
        numbers.n as base_n,
        numbers.n as answered_n,
        cast(null as double) as share_pct,
        cast(null as double) as share_low_pct,
        cast(null as double) as share_high_pct,
        case places.measure_code
            when 'count' then numbers.n
            when 'mean' then numbers.mean
            when 'median' then numbers.median
            when 'sd' then numbers.sd
            when 'min' then numbers.minimum
            when 'max' then numbers.maximum
        end as value
    from {{ ref('int_report_places') }} as places
    inner join {{ ref('gap_number_statistics') }} as numbers
        using (wave, cohort_code, item_code, dimension_code, member_code)
    where places.choice_code is null
),

computed as (
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        column_code,
        is_merged,
        n,
        base_n,
        answered_n,
        share_pct,
        share_low_pct,
        share_high_pct,
        value
    from counts
    union all
    select
        wave,
        table_id,
        cohort_code,
        row_code,
        column_code,
        is_merged,
        n,
        base_n,
        answered_n,
        share_pct,
        share_low_pct,
        share_high_pct,
        value
    from statistics
)

select
    places.wave,
    places.table_id,
    places.source,
    places.number,
    places.cohort_code,
    places.item_code,
    places.row_code,
    places.row_label,
    places.column_code,
    places.column_label,
    places.choice_code,
    places.dimension_code,
    places.member_code,
    places.measure_code,
    computed.value,
    computed.n,
    computed.base_n,
    computed.answered_n,
    computed.share_pct,
    computed.share_low_pct,
    computed.share_high_pct,
    places.row_position,
    places.column_position,
    places.is_merged
from {{ ref('int_report_places') }} as places
inner join computed using (wave, table_id, cohort_code, row_code, column_code, is_merged)
