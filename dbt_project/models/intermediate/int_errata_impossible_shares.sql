-- Grain: one row a printed share that no count of its stated base gives (wave, cell_id). The base is a group whose own
-- share of the cohort is printed as well; where counts are printed, int_errata_shares judges by them.
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
        value
    from {{ ref('int_published_numbers') }}
    where statistic = 'share' and precision_code = 'exact' and measure_id is not null
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
        shares.source_label,
        shares.source_order,
        numerators.signature,
        cohort_sizes.cohort_n,
        {{ half_up('shares.value * cohort_sizes.cohort_n / 100.0', '0') }} as base_n
    from shares
    inner join cohort_sizes using (wave, cohort_code)
    inner join terms as numerators on shares.measure_id = numerators.measure_id and numerators.part = 'numerator'
    left join terms as bases on shares.measure_id = bases.measure_id and bases.part = 'base'
    where bases.measure_id is null
),

groups as (
    select
        wave,
        cohort_code,
        signature,
        source_label as counted_in,
        cohort_n,
        base_n,
        row_number() over (partition by wave, cohort_code, signature order by source_order asc) as source_rank
    from whole_groups
),

shares_of_groups as (
    select
        shares.wave,
        shares.cell_id,
        shares.source_label,
        shares.source_order,
        shares.cohort_code,
        shares.place,
        shares.value as printed_value,
        groups.counted_in,
        groups.base_n,
        groups.cohort_n,
        {{ half_up('shares.value * groups.base_n / 100.0', '0') }} as nearest_n
    from shares
    inner join terms as bases on shares.measure_id = bases.measure_id and bases.part = 'base'
    inner join groups
        on
            shares.wave = groups.wave
            and shares.cohort_code = groups.cohort_code
            and bases.signature = groups.signature
            and groups.source_rank = 1
    left join {{ ref('int_published_shares') }} as counted
        on shares.wave = counted.wave and shares.cell_id = counted.cell_id
    where counted.cell_id is null
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
    {{ percent('nearest_n', 'base_n') }} as expected_value,
    'no count of the ' || cast(base_n as bigint) || ' cities of ' || counted_in as contradicted_by,
    case
        when
            {{ half_up("100.0 * " ~ half_up('printed_value * cohort_n / 100.0', '0') ~ " / cohort_n", '0') }}
            = printed_value
            then 'wrong_base'
    end as explanation_code
from shares_of_groups
where
    base_n > 0
    and abs(100.0 * nearest_n / base_n - printed_value) > 0.5
