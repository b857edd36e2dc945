-- Grain: one row a sentence that cites a table or figure that does not show what it is about (wave, cell_id): its
-- number, or what it claims in words.
with sentences as (
    select
        wave,
        cell_id,
        measure_id,
        source_label,
        source_order,
        place,
        cohort_code,
        -- What the text cites, where the reader of the print noted that it is not what the sentence is about.
        coalesce(nullif(regexp_extract(note, 'text cites ((Table|Figure) [0-9]+)', 1), ''), refers_to) as cited
    from {{ ref('int_published_numbers') }}
    where source = 'prose' and measure_id is not null
    union all
    select distinct
        claims.wave,
        claims.claim_id as cell_id,
        claims.measure_id,
        'Line ' || claims.line as source_label,
        10000 + claims.line as source_order,
        claims.says as place,
        measures.cohort_code,
        claims.refers_to as cited
    from {{ source('knowledge', 'claims') }} as claims
    inner join {{ source('knowledge', 'measures') }} as measures using (measure_id)
    where claims.refers_to is not null
),

terms as (
    select
        measure_id,
        part,
        item_code
    from {{ source('knowledge', 'measure_terms') }}
    union all
    select
        measure_id,
        'numerator' as part,
        subject as item_code
    from {{ source('knowledge', 'measures') }}
    where statistic <> 'known' and subject is not null
),

shown_items as (
    select
        tables.wave,
        tables.table_id,
        upper(tables.source[1]) || tables.source[2:] || ' ' || tables.number as cited,
        tables.dimension_code,
        tables.title,
        members.member_code as item_code
    from {{ source('knowledge', 'tables') }} as tables
    inner join {{ source('knowledge', 'table_members') }} as members
        on tables.wave = members.wave and tables.table_id = members.table_id and members.member_kind = 'item'
),

tables as (
    select distinct
        wave,
        table_id,
        cited,
        dimension_code,
        title
    from shown_items
),

-- Items that are made of one question tell of each other.
related_items as (
    select distinct
        own.item_code,
        other.item_code as related_code
    from {{ source('knowledge', 'item_sources') }} as own
    inner join {{ source('knowledge', 'item_sources') }} as other using (instrument, round, question_code)
),

shown as (
    select
        wave,
        table_id,
        item_code
    from shown_items
    union distinct
    select
        shown_items.wave,
        shown_items.table_id,
        related_items.related_code as item_code
    from shown_items
    inner join related_items using (item_code)
    union distinct
    select
        wave,
        table_id,
        dimension_code as item_code
    from tables
)

select
    sentences.wave,
    sentences.cell_id as finding,
    sentences.cell_id,
    sentences.source_label,
    sentences.source_order,
    sentences.place,
    sentences.cohort_code,
    sentences.cited as printed,
    'it shows: ' || min(tables.title) as contradicted_by,
    'other_source' as explanation_code
from sentences
inner join tables using (wave, cited)
inner join terms using (measure_id)
left join shown
    on tables.wave = shown.wave and tables.table_id = shown.table_id and terms.item_code = shown.item_code
where shown.item_code is null and (terms.part = 'numerator' or tables.dimension_code is not null)
group by
    sentences.wave,
    sentences.cell_id,
    sentences.source_label,
    sentences.source_order,
    sentences.place,
    sentences.cohort_code,
    sentences.cited
