-- Grain: one row a wave × kind × parent × code (wave, label_kind, parent_code, code): the words of every code in the
-- gap tables of the wave, and of its glossary. The parent of a choice is its item, that of an item or need its theme;
-- others have none.
with waves as (
    select distinct wave
    from {{ source('knowledge', 'wave_rounds') }}
),

cohorts as (
    select distinct
        wave,
        cohort_code
    from {{ ref('int_cohort_items') }}
),

items as (
    select distinct
        cohort_items.wave,
        dim_item.item_code,
        dim_item.label,
        dim_item.theme_code,
        dim_item.is_dimension
    from {{ ref('int_cohort_items') }} as cohort_items
    inner join {{ ref('dim_item') }} as dim_item using (item_code)
),

labels as (
    select
        cohorts.wave,
        'cohort' as label_kind,
        '' as parent_code,
        cohorts.cohort_code as code,
        dim_cohort.label,
        dim_cohort.position,
        null as need_level
    from cohorts
    inner join {{ ref('dim_cohort') }} as dim_cohort using (cohort_code)
    union all
    select
        waves.wave,
        'theme' as label_kind,
        '' as parent_code,
        themes.theme_code as code,
        themes.label,
        themes.position,
        null as need_level
    from waves
    cross join {{ ref('dim_theme') }} as themes
    union all
    select
        waves.wave,
        'need' as label_kind,
        needs.theme_code as parent_code,
        needs.need_code as code,
        needs.label,
        row_number() over (partition by waves.wave order by needs.label, needs.need_code) as position,
        null as need_level
    from waves
    cross join {{ ref('dim_need') }} as needs
    union all
    select
        wave,
        case when is_dimension then 'dimension' else 'item' end as label_kind,
        theme_code as parent_code,
        item_code as code,
        label,
        row_number() over (partition by wave order by label, item_code) as position,
        null as need_level
    from items
    union all
    select
        items.wave,
        'choice' as label_kind,
        items.item_code as parent_code,
        choices.choice_code as code,
        choices.label,
        choices.position,
        levels.need_level
    from items
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    left join {{ ref('int_choice_levels') }} as levels
        on choices.item_code = levels.item_code and choices.choice_code = levels.choice_code
    union all
    select
        waves.wave,
        'coverage_verdict' as label_kind,
        '' as parent_code,
        verdicts.verdict_code as code,
        verdicts.label,
        verdicts.position,
        null as need_level
    from waves
    cross join {{ source('knowledge', 'coverage_verdicts') }} as verdicts
    union all
    select
        waves.wave,
        'term' as label_kind,
        '' as parent_code,
        terms.term_code as code,
        terms.label,
        terms.position,
        null as need_level
    from waves
    cross join {{ source('knowledge', 'glossary') }} as terms
),

definitions as (
    select
        label_kind,
        parent_code,
        code,
        definition
    from {{ ref('dim_definition') }}
    union all
    select
        'term' as label_kind,
        '' as parent_code,
        term_code as code,
        definition
    from {{ source('knowledge', 'glossary') }}
)

select
    labels.wave,
    labels.label_kind,
    labels.parent_code,
    labels.code,
    labels.label,
    labels.position,
    labels.need_level,
    definitions.definition
from labels
left join definitions using (label_kind, parent_code, code)
