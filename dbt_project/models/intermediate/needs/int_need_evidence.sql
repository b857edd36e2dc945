-- Grain: one row a wave × cohort × need that the cohort's round has evidence for (wave, cohort_code, need_code): the
-- items in words, and whether they ask for a rating or for choices of a menu.
with evidence as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        evidence.need_code,
        evidence.item_code,
        items.label as item_label,
        choices.label as choice_label,
        choices.position,
        evidence.is_chosen,
        evidence.basis,
        items.kind,
        items.direction,
        items.scale_code,
        cohort_items.comparability
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join {{ ref('int_cohort_items') }} as cohort_items using (item_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_choice') }} as choices
        on evidence.item_code = choices.item_code and evidence.choice_code = choices.choice_code
)

select
    wave,
    cohort_code,
    need_code,
    min(item_code) as item_code,
    min(scale_code) as scale_code,
    min(item_label) || case min(is_chosen) when 'no' then ', without: ' else ': ' end
    || {{ joined_texts('choice_label', 'position, choice_label') }} as evidence,
    case when max(direction) is not null then 'rating' when max(kind) = 'multiple' then 'menu' else 'single choice' end
        as question_kind,
    case
        when min(is_chosen) = 'no' then 'choice left out'
        when max(direction) is not null then 'rating'
        when max(kind) = 'multiple' then 'menu'
        else 'single choice'
    end as evidence_kind,
    case when bool_and(basis = 'stated') then 'stated' else 'inferred' end as evidence_basis,
    max(comparability) as comparability
from evidence
group by wave, cohort_code, need_code
