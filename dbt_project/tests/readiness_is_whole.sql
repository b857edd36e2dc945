-- Every index with levels begins at 0 and rises with their position, every index of a level has a scoring, and of a
-- module places are told once a wave. A row here is a place of the readiness seeds that is not so.
{{ config(meta={'dagster': {'ref': {'name': 'dim_index'}}}) }}
with levels as (
    select
        index_code,
        bounds.level_code,
        bounds.lower_bound,
        bounds.position,
        lag(bounds.lower_bound) over (
            partition by index_code
            order by bounds.position
        ) as bound_before
    from {{ ref('dim_index') }}
    inner join {{ source('knowledge', 'readiness_levels') }} as bounds using (index_code)
),

unsound as (
    select
        'readiness_levels.level_code: missing is no level' as place,
        index_code as named_by,
        level_code as code
    from levels
    where level_code = 'missing'
    union all
    select
        'readiness_levels.lower_bound: the first level begins at 0' as place,
        index_code as named_by,
        level_code as code
    from levels
    where bound_before is null and lower_bound <> 0
    union all
    select
        'readiness_levels.lower_bound: above the level before, and at most 100' as place,
        index_code as named_by,
        level_code as code
    from levels
    where lower_bound <= bound_before or lower_bound > 100
    union all
    select
        'readiness_levels.level_code: once in an index' as place,
        index_code as named_by,
        level_code as code
    from levels
    group by index_code, level_code
    having count(*) > 1
    union all
    select
        'readiness_levels.index_code: scored by a version' as place,
        levels.index_code as named_by,
        levels.level_code as code
    from levels
    left join {{ source('knowledge', 'scoring_components') }} as components using (index_code)
    where components.index_code is null
    union all
    select
        'module_places.module_code: places are told once a wave, and are not negative' as place,
        module_code as named_by,
        wave as code
    from {{ source('knowledge', 'module_places') }}
    group by module_code, wave
    having count(*) > 1 or min(places) < 0
    union all
    select
        'pathway_rules: a rule is there once and has a line if and only if it is stated' as place,
        index_code || ' = ' || level_code as named_by,
        pathway_code as code
    from {{ source('knowledge', 'pathway_rules') }}
    group by index_code, level_code, pathway_code
    having count(*) > 1 or bool_or((basis = 'stated') <> (line is not null))
)

select
    place,
    named_by,
    code
from unsound
