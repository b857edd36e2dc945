-- Grain: one row an item × round that tells it (item_code, instrument, round, question_code): what can be asked for,
-- its name, and whether the round tells it as the others do.
select distinct
    items.item_code,
    items.label as item_label,
    items.slug,
    themes.label as theme_label,
    items.item_set,
    items.kind,
    items.need_code,
    items.is_dimension,
    sources.instrument,
    sources.round,
    sources.question_code,
    questions.label as question_label,
    sources.comparability,
    sources.note
from {{ ref('dim_item') }} as items
left join {{ ref('dim_theme') }} as themes using (theme_code)
left join {{ source('knowledge', 'item_sources') }} as sources using (item_code)
left join {{ ref('dim_question') }} as questions using (instrument, round, question_code)
