-- Grain: one row a table that repeats the cells of an earlier one on another item (wave, table_id, copied_table_id).
with cells as (
    select
        wave,
        table_id,
        number,
        source_label,
        source_order,
        cohort_code,
        item_code,
        dimension_code,
        member_code || '|' || choice_code as cell,
        value
    from {{ ref('int_published_numbers') }}
    where source = 'table' and statistic = 'count' and dimension_code <> 'all' and value <> 0
),

sizes as (
    select
        wave,
        table_id,
        count(*) as cells_n
    from cells
    group by wave, table_id
),

pairs as (
    select
        later.wave,
        later.table_id,
        earlier.table_id as copied_table_id,
        later.source_label,
        later.source_order,
        later.cohort_code,
        earlier.source_label as contradicted_by,
        count(*) as same_n
    from cells as later
    inner join cells as earlier
        on
            later.wave = earlier.wave
            and later.cohort_code = earlier.cohort_code
            and later.dimension_code = earlier.dimension_code
            and later.cell = earlier.cell
            and later.value = earlier.value
            and later.number > earlier.number
            and later.item_code <> earlier.item_code
    group by
        later.wave,
        later.table_id,
        earlier.table_id,
        later.source_label,
        later.source_order,
        later.cohort_code,
        earlier.source_label
),

limits as (
    select
        max(value) filter (where threshold_code = 'copied_cells_share') as copied_cells_share,
        max(value) filter (where threshold_code = 'copied_cells_min') as copied_cells_min
    from {{ source('knowledge', 'thresholds') }}
)

select
    pairs.wave,
    concat_ws('.', pairs.table_id, pairs.copied_table_id) as finding,
    pairs.table_id,
    pairs.copied_table_id,
    pairs.source_label,
    pairs.source_order,
    pairs.cohort_code,
    'all rows' as place,
    pairs.same_n || ' equal cells' as printed,
    pairs.contradicted_by || ' has the same ' || pairs.same_n || ' of ' || own.cells_n || ' cells on another question'
        as contradicted_by,
    'copied_table' as explanation_code
from pairs
inner join sizes as own on pairs.wave = own.wave and pairs.table_id = own.table_id
inner join sizes as other on pairs.wave = other.wave and pairs.copied_table_id = other.table_id
cross join limits
where
    pairs.same_n >= limits.copied_cells_min
    and pairs.same_n >= limits.copied_cells_share * greatest(own.cells_n, other.cells_n)
