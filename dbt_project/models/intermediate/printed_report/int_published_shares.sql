-- Grain: one row a printed share and a printed source of its counts (wave, cell_id, counted_in): numerator and base as
-- other numbers of the same report give them, without any answer of a respondent.
with shares as (
    select
        wave,
        cell_id,
        source_label,
        source_order,
        place,
        cohort_code,
        measure_id,
        item_code,
        choice_code,
        dimension_code,
        printed,
        value
    from {{ ref('int_published_numbers') }}
    where statistic = 'share' and precision_code = 'exact'
),

margins as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        margin_n,
        agreed_by
    from {{ ref('int_published_margins') }}
),

cohort_sizes as (
    select
        wave,
        cohort_code,
        margin_n as cohort_n
    from margins
    where item_code = 'all'
),

-- A table's own share is a term like those of a sentence.
terms as (
    select
        shares.wave,
        shares.cell_id,
        shares.cohort_code,
        measure_terms.part,
        measure_terms.item_code,
        measure_terms.choice_code,
        measure_terms.is_chosen
    from shares
    inner join {{ source('knowledge', 'measure_terms') }} as measure_terms using (measure_id)
    union all
    select
        wave,
        cell_id,
        cohort_code,
        'numerator' as part,
        item_code,
        choice_code,
        'yes' as is_chosen
    from shares
    where measure_id is null and dimension_code = 'all' and choice_code is not null
),

shapes as (
    select
        wave,
        cell_id,
        min(item_code) filter (where part = 'numerator') as item_code,
        coalesce(
            min(item_code) filter (where part = 'base'),
            nullif(max(item_code) filter (where part = 'numerator'), min(item_code) filter (where part = 'numerator'))
        ) as other_item_code,
        count(distinct item_code) as items_n,
        count(*) filter (where part = 'base') as base_choices_n
    from terms
    group by wave, cell_id
    having bool_and(is_chosen = 'yes')
),

base_rules as (
    select
        shares.wave,
        shares.cell_id,
        coalesce(measures.base_rule, items.base_rule) as base_rule
    from shares
    left join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    left join {{ ref('dim_item') }} as items on shares.item_code = items.item_code
),

-- One item, base the cohort: the counts that most sources agree on.
plain as (
    select
        terms.wave,
        terms.cell_id,
        max(margins.agreed_by) as counted_in,
        sum(margins.margin_n) as n,
        max(cohort_sizes.cohort_n) as base_n
    from terms
    inner join shapes using (wave, cell_id)
    inner join base_rules using (wave, cell_id)
    inner join cohort_sizes using (wave, cohort_code)
    left join margins
        on
            terms.wave = margins.wave
            and terms.cohort_code = margins.cohort_code
            and terms.item_code = margins.item_code
            and terms.choice_code = margins.choice_code
    where shapes.items_n = 1 and shapes.base_choices_n = 0 and base_rules.base_rule = 'all'
    group by terms.wave, terms.cell_id
    having count(*) = count(margins.margin_n)
),

-- Two items: the cells of each table that crosses them.
crossed_cells as (
    select
        shapes.wave,
        shapes.cell_id,
        joints.table_id,
        joints.source_label as counted_in,
        joints.n
    from shapes
    inner join shares using (wave, cell_id)
    inner join {{ ref('int_published_joints') }} as joints
        on
            shapes.wave = joints.wave
            and shares.cohort_code = joints.cohort_code
            and shapes.item_code = joints.item_code
            and shapes.other_item_code = joints.other_item_code
    inner join terms as own
        on
            shapes.wave = own.wave
            and shapes.cell_id = own.cell_id
            and joints.item_code = own.item_code
            and joints.choice_code = own.choice_code
    inner join terms as other
        on
            shapes.wave = other.wave
            and shapes.cell_id = other.cell_id
            and joints.other_item_code = other.item_code
            and joints.other_choice_code = other.choice_code
    where shapes.items_n = 2
),

base_sizes as (
    select
        terms.wave,
        terms.cell_id,
        sum(margins.margin_n) as base_n
    from terms
    inner join margins using (wave, cohort_code, item_code, choice_code)
    where terms.part = 'base'
    group by terms.wave, terms.cell_id
),

crossed as (
    select
        crossed_cells.wave,
        crossed_cells.cell_id,
        crossed_cells.counted_in,
        sum(crossed_cells.n) as n,
        max(case when shapes.base_choices_n = 0 then cohort_sizes.cohort_n else base_sizes.base_n end) as base_n
    from crossed_cells
    inner join shapes using (wave, cell_id)
    inner join shares using (wave, cell_id)
    inner join cohort_sizes on shares.wave = cohort_sizes.wave and shares.cohort_code = cohort_sizes.cohort_code
    left join base_sizes
        on crossed_cells.wave = base_sizes.wave and crossed_cells.cell_id = base_sizes.cell_id
    group by crossed_cells.wave, crossed_cells.cell_id, crossed_cells.counted_in
),

-- What a chart would round each level to before they are added.
level_sums as (
    select
        levels.wave,
        levels.cell_id,
        levels.counted_in,
        sum({{ half_up('100.0 * levels.n / nullif(crossed.base_n, 0)', '0') }}) as sum_of_rounded
    from crossed_cells as levels
    inner join crossed using (wave, cell_id, counted_in)
    group by levels.wave, levels.cell_id, levels.counted_in
),

counted as (
    select
        wave,
        cell_id,
        counted_in,
        n,
        base_n,
        cast(null as double) as sum_of_rounded
    from plain
    union all
    select
        crossed.wave,
        crossed.cell_id,
        crossed.counted_in,
        crossed.n,
        crossed.base_n,
        level_sums.sum_of_rounded
    from crossed
    inner join level_sums using (wave, cell_id, counted_in)
)

select
    shares.wave,
    shares.cell_id,
    shares.source_label,
    shares.source_order,
    shares.place,
    shares.cohort_code,
    shares.printed,
    shares.value as printed_value,
    counted.counted_in,
    cast(counted.n as bigint) as n,
    cast(counted.base_n as bigint) as base_n,
    cast(cohort_sizes.cohort_n as bigint) as cohort_n,
    {{ percent('counted.n', 'counted.base_n') }} as share_pct,
    counted.sum_of_rounded
from counted
inner join shares using (wave, cell_id)
inner join cohort_sizes using (wave, cohort_code)
