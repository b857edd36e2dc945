-- Grain: one row a printed share that no count of its base gives (wave, cell_id). The base is a group whose own share
-- of the cohort is printed, or those that answered; where counts are printed, int_errata_shares judges by them.
with terms as (
    select
        measure_id,
        part,
        string_agg(item_code || '=' || choice_code || '=' || is_chosen, ' ' order by item_code, choice_code)
            as signature
    from {{ source('knowledge', 'measure_terms') }}
    group by measure_id, part
),

shares as (
    select
        wave,
        cell_id,
        measure_id,
        source_label,
        source_order,
        place,
        cohort_code,
        item_code,
        choice_kind,
        dimension_code,
        value
    from {{ ref('int_published_numbers') }}
    where statistic = 'share' and precision_code = 'exact'
),

cohort_sizes as (
    select
        wave,
        cohort_code,
        margin_n as cohort_n
    from {{ ref('int_published_margins') }}
    where item_code = 'all'
),

whole_groups as (
    select
        shares.wave,
        shares.cohort_code,
        shares.source_label as counted_in,
        numerators.signature,
        cohort_sizes.cohort_n,
        shares.value,
        row_number() over (
            partition by shares.wave, shares.cohort_code, numerators.signature order by shares.source_order asc
        ) as source_rank
    from shares
    inner join cohort_sizes using (wave, cohort_code)
    inner join terms as numerators on shares.measure_id = numerators.measure_id and numerators.part = 'numerator'
    left join terms as bases on shares.measure_id = bases.measure_id and bases.part = 'base'
    where bases.measure_id is null
),

possible_sizes as (
    select
        wave,
        cohort_code,
        counted_in,
        signature,
        cohort_n,
        value,
        {{ whole_numbers('cohort_n') }} as base_n
    from whole_groups
    where source_rank = 1
),

shares_of_groups as (
    select
        shares.wave,
        shares.cell_id,
        sizes.counted_in,
        sizes.base_n,
        sizes.cohort_n,
        true as is_group
    from shares
    inner join terms as bases on shares.measure_id = bases.measure_id and bases.part = 'base'
    inner join possible_sizes as sizes
        on
            shares.wave = sizes.wave
            and shares.cohort_code = sizes.cohort_code
            and bases.signature = sizes.signature
            and {{ half_up('100.0 * sizes.base_n / sizes.cohort_n', '0') }} = sizes.value
),

answered_counts as (
    select
        wave,
        cohort_code,
        item_code,
        source_label as counted_in,
        value as base_n,
        row_number() over (partition by wave, cohort_code, item_code order by source_order asc, cell_id asc)
            as source_rank
    from {{ ref('int_published_numbers') }}
    where statistic = 'count' and choice_kind = 'answered' and dimension_code = 'all'
),

shares_of_answers as (
    select
        shares.wave,
        shares.cell_id,
        answered_counts.counted_in,
        answered_counts.base_n,
        cohort_sizes.cohort_n,
        false as is_group
    from shares
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join answered_counts using (wave, cohort_code, item_code)
    inner join cohort_sizes using (wave, cohort_code)
    where
        items.base_rule = 'answered'
        and shares.choice_kind = 'level'
        and shares.dimension_code = 'all'
        and answered_counts.source_rank = 1
),

bases as (
    select
        wave,
        cell_id,
        counted_in,
        base_n,
        cohort_n,
        is_group
    from shares_of_groups
    union all
    select
        wave,
        cell_id,
        counted_in,
        base_n,
        cohort_n,
        is_group
    from shares_of_answers
),

nearest as (
    select
        shares.wave,
        shares.cell_id,
        shares.source_label,
        shares.source_order,
        shares.cohort_code,
        shares.place,
        shares.value as printed_value,
        bases.counted_in,
        bases.base_n,
        bases.cohort_n,
        bases.is_group,
        {{ percent(half_up('shares.value * bases.base_n / 100.0', '0'), 'bases.base_n') }} as share_pct
    from bases
    inner join shares using (wave, cell_id)
    left join {{ ref('int_published_shares') }} as counted
        on bases.wave = counted.wave and bases.cell_id = counted.cell_id
    where counted.cell_id is null and bases.base_n > 0
),

ranked as (
    select
        wave,
        cell_id,
        source_label,
        source_order,
        cohort_code,
        place,
        printed_value,
        counted_in,
        base_n,
        cohort_n,
        is_group,
        share_pct,
        row_number() over (partition by wave, cell_id order by abs(share_pct - printed_value) asc, base_n asc)
            as nearness
    from nearest
)

select
    wave,
    cell_id as finding,
    cell_id,
    source_label,
    source_order,
    cohort_code,
    place,
    printed_value,
    share_pct as expected_value,
    'no count of the ' || cast(base_n as bigint) || ' cities of ' || counted_in as contradicted_by,
    case
        when
            is_group
            and {{ half_up("100.0 * " ~ half_up('printed_value * cohort_n / 100.0', '0') ~ " / cohort_n", '0') }}
            = printed_value
            then 'wrong_base'
    end as explanation_code
from ranked
where nearness = 1 and abs(share_pct - printed_value) > 0.5
