-- A link of services and pathways is there once and has a line if and only if it is stated, every need is in a pathway,
-- every service has a state and addresses a need, and of two verdicts one is the better; a row here is a place that is
-- not so.
{{ config(meta={'dagster': {'ref': {'name': 'dim_service'}}}) }}
{% set links = [
    ('service_needs', 'service_code', 'need_code'),
    ('service_interest', 'service_code', "item_code || ' = ' || choice_code"),
    ('pathway_needs', 'pathway_code', 'need_code'),
    ('pathway_steps', 'pathway_code', 'step_code'),
] %}
with links as (
    {% for seed, named_by, code in links %}
        select
            '{{ seed }}' as seed,
            {{ named_by }} as named_by,
            {{ code }} as code,
            basis,
            line
        from {{ source('knowledge', seed) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

unsound as (
    select
        seed || ': a link is there once' as place,
        named_by,
        code
    from links
    group by seed, named_by, code
    having count(*) > 1
    union all
    select
        seed || '.line: of a stated link, and only of one' as place,
        named_by,
        code
    from links
    where (basis = 'stated') <> (line is not null)
    union all
    select
        'services.service_code: none is no service' as place,
        service_code as named_by,
        service_code as code
    from {{ ref('dim_service') }}
    where service_code = 'none'
    union all
    select
        'service_status: a service has one state in a wave' as place,
        service_code as named_by,
        wave as code
    from {{ source('knowledge', 'service_status') }}
    group by service_code, wave
    having count(*) > 1
    union all
    select
        'service_status.line: of no inferred state' as place,
        service_code as named_by,
        wave as code
    from {{ source('knowledge', 'service_status') }}
    where basis = 'inferred' and line is not null
    union all
    -- A service of which nothing is known in any wave would silently cover nothing.
    select
        'service_status.service_code: every service has a state' as place,
        'services' as named_by,
        services.service_code as code
    from {{ ref('dim_service') }} as services
    left join {{ source('knowledge', 'service_status') }} as states using (service_code)
    where states.service_code is null
    union all
    -- A service that addresses no need would silently be missing from the table of gaps.
    select
        'service_needs.service_code: every service addresses a need' as place,
        'services' as named_by,
        services.service_code as code
    from {{ ref('dim_service') }} as services
    left join {{ source('knowledge', 'service_needs') }} as links using (service_code)
    where links.service_code is null
    union all
    select
        'coverage_verdicts.position: of one verdict' as place,
        string_agg(verdict_code, ', ' order by verdict_code) as named_by,
        position::varchar as code
    from {{ source('knowledge', 'coverage_verdicts') }}
    group by position
    having count(*) > 1
    union all
    -- A need in no pathway would silently be missing from the table of gaps.
    select
        'pathway_needs.need_code: every need is in a pathway' as place,
        'needs' as named_by,
        needs.need_code as code
    from {{ ref('dim_need') }} as needs
    left join {{ source('knowledge', 'pathway_needs') }} as pathway_needs using (need_code)
    where pathway_needs.need_code is null and exists (select 1 as found from {{ ref('dim_pathway') }})
)

select
    place,
    named_by,
    code
from unsound
