-- Grain: one row a table whose printed headers are not those of its scale (wave, table_id, printed).
with notes as (
    select distinct
        wave,
        table_id,
        source_label,
        source_order,
        cohort_code,
        item_code,
        regexp_extract(note, '(printed headers say|header printed) (.+)$', 2) as printed
    from {{ ref('int_published_numbers') }}
    where regexp_matches(note, '(printed headers say|header printed) .+$')
),

scale_labels as (
    select
        item_code,
        string_agg(label, ' / ' order by position) as labels
    from {{ ref('dim_choice') }}
    where choice_kind = 'level'
    group by item_code
)

select
    notes.wave,
    concat_ws('.', notes.table_id, trim(notes.printed, '''')) as finding,
    notes.table_id,
    notes.source_label,
    notes.source_order,
    notes.cohort_code,
    'column headers' as place,
    trim(notes.printed, '''') as printed,
    'the scale of the question: ' || scale_labels.labels as contradicted_by,
    'other_scale' as explanation_code
from notes
inner join scale_labels using (item_code)
