-- Grain: one row a member of a dimension that a table leaves out though others count it (wave, table_id, member_code).
with printed as (
    select distinct
        wave,
        table_id,
        source_label,
        source_order,
        cohort_code,
        dimension_code,
        member_code
    from {{ ref('int_published_numbers') }}
    where source = 'table' and statistic = 'count' and dimension_code <> 'all'
),

tables as (
    select distinct
        wave,
        table_id,
        source_label,
        source_order,
        cohort_code,
        dimension_code
    from printed
)

select
    tables.wave,
    concat_ws('.', tables.table_id, margins.choice_code) as finding,
    tables.table_id,
    tables.source_label,
    tables.source_order,
    tables.cohort_code,
    margins.choice_code as member_code,
    labels.label as place,
    'not printed' as printed,
    margins.margin_n as expected_value,
    margins.agreed_by as contradicted_by,
    'lost_row' as explanation_code
from tables
inner join {{ ref('int_published_margins') }} as margins
    on
        tables.wave = margins.wave
        and tables.cohort_code = margins.cohort_code
        and tables.dimension_code = margins.item_code
inner join {{ ref('dim_choice') }} as labels
    on margins.item_code = labels.item_code and margins.choice_code = labels.choice_code
left join printed
    on
        tables.wave = printed.wave
        and tables.table_id = printed.table_id
        and margins.choice_code = printed.member_code
where margins.margin_n > 0 and printed.member_code is null
