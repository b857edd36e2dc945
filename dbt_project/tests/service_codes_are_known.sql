-- Every code that the seeds of services and pathways name exists where it is defined, a link is there once and has a
-- line if and only if it is stated, and every need is in a pathway; a row here is a place that is not so.
{{ config(meta={'dagster': {'ref': {'name': 'dim_service'}}}) }}
with services as (
    select service_code
    from {{ ref('dim_service') }}
),

pathways as (
    select pathway_code
    from {{ ref('dim_pathway') }}
),

needs as (
    select need_code
    from {{ ref('dim_need') }}
),

links as (
    select
        'service_needs' as seed,
        service_code,
        null as pathway_code,
        need_code as code,
        basis,
        line
    from {{ source('knowledge', 'service_needs') }}
    union all
    select
        'service_interest' as seed,
        service_code,
        null as pathway_code,
        item_code || ' = ' || choice_code as code,
        basis,
        line
    from {{ source('knowledge', 'service_interest') }}
    union all
    select
        'pathway_needs' as seed,
        null as service_code,
        pathway_code,
        need_code as code,
        basis,
        line
    from {{ source('knowledge', 'pathway_needs') }}
    union all
    select
        'pathway_steps' as seed,
        null as service_code,
        pathway_code,
        step_code as code,
        basis,
        line
    from {{ source('knowledge', 'pathway_steps') }}
),

unsound as (
    select
        links.seed || '.service_code' as place,
        links.code as named_by,
        links.service_code as code
    from links
    left join services using (service_code)
    where links.service_code is not null and services.service_code is null
    union all
    select
        links.seed || '.pathway_code' as place,
        links.code as named_by,
        links.pathway_code as code
    from links
    left join pathways using (pathway_code)
    where links.pathway_code is not null and pathways.pathway_code is null
    union all
    select
        links.seed || '.need_code' as place,
        coalesce(links.service_code, links.pathway_code) as named_by,
        links.code
    from links
    left join needs on links.code = needs.need_code
    where links.seed in ('service_needs', 'pathway_needs') and needs.need_code is null
    union all
    select
        'service_interest.choice_code' as place,
        interest.service_code as named_by,
        interest.item_code || ' = ' || interest.choice_code as code
    from {{ source('knowledge', 'service_interest') }} as interest
    left join {{ ref('dim_choice') }} as choices
        on
            interest.item_code = choices.item_code
            and interest.choice_code = choices.choice_code
            and choices.choice_kind = 'level'
    where choices.item_code is null
    union all
    select
        'pathway_steps.step_code' as place,
        pathway_steps.pathway_code as named_by,
        pathway_steps.step_code as code
    from {{ source('knowledge', 'pathway_steps') }} as pathway_steps
    left join {{ source('knowledge', 'transition_steps') }} as steps using (step_code)
    where steps.step_code is null
    union all
    select
        seed || ': a link is there once' as place,
        coalesce(service_code, pathway_code) as named_by,
        code
    from links
    group by seed, service_code, pathway_code, code
    having count(*) > 1
    union all
    select
        seed || '.line: of a stated link, and only of one' as place,
        coalesce(service_code, pathway_code) as named_by,
        code
    from links
    where (basis = 'stated') <> (line is not null)
    union all
    select
        'services.service_code: none is no service' as place,
        service_code as named_by,
        service_code as code
    from services
    where service_code = 'none'
    union all
    -- A need in no pathway would silently be missing from the table of gaps.
    select
        'pathway_needs.need_code: every need is in a pathway' as place,
        'needs' as named_by,
        needs.need_code as code
    from needs
    left join {{ source('knowledge', 'pathway_needs') }} as pathway_needs using (need_code)
    where pathway_needs.need_code is null and exists (select 1 as found from pathways)
)

select
    place,
    named_by,
    code
from unsound
