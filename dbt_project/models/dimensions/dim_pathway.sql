-- Grain: one row a support pathway (pathway_code), with the steps of the Climate Transition Map that it supports.
with steps as (
    select
        pathway_steps.pathway_code,
        {{ joined_texts('steps.label', 'steps.position') }} as transition_steps
    from {{ source('knowledge', 'pathway_steps') }} as pathway_steps
    inner join {{ source('knowledge', 'transition_steps') }} as steps using (step_code)
    group by pathway_steps.pathway_code
),

stated_steps as (
    select
        pathway_steps.pathway_code,
        {{ joined_texts('steps.label', 'steps.position') }} as stated_transition_steps
    from {{ source('knowledge', 'pathway_steps') }} as pathway_steps
    inner join {{ source('knowledge', 'transition_steps') }} as steps using (step_code)
    where pathway_steps.basis = 'stated'
    group by pathway_steps.pathway_code
)

select
    pathways.pathway_code,
    pathways.label,
    pathways.focus,
    steps.transition_steps,
    stated_steps.stated_transition_steps,
    pathways.line,
    pathways.position
from {{ source('knowledge', 'pathways') }} as pathways
left join steps using (pathway_code)
left join stated_steps using (pathway_code)
