-- Grain: one row a text of a round's codebook × language (instrument, round, label_kind, parent_code, code,
-- label_language).
with counts as (
    select
        instrument,
        round,
        language,
        count(*) as labels_n
    from {{ source('knowledge', 'labels') }}
    group by instrument, round, language
),

-- A language has all labels where it has as many as the language that has the most, which is the codebook's own.
wholes as (
    select
        instrument,
        round,
        max(labels_n) as labels_n
    from counts
    group by instrument, round
)

select
    labels.instrument,
    labels.round,
    labels.label_kind,
    labels.parent_code,
    labels.code,
    labels.language as label_language,
    labels.label,
    counts.labels_n = wholes.labels_n as has_all_labels
from {{ source('knowledge', 'labels') }} as labels
inner join counts using (instrument, round, language)
inner join wholes using (instrument, round)
