-- Every scoring version is whole: weights and points lie in range, it has both indices, and one version is the default.
-- A row here is a place of the scoring seeds that is not so.
{{ config(meta={'dagster': {'ref': {'name': 'dim_scoring'}}}) }}
with scorings as (
    select
        scoring_version,
        is_default
    from {{ ref('dim_scoring') }}
),

components as (
    select
        scoring_version,
        index_code,
        component_code,
        weight
    from {{ source('knowledge', 'scoring_components') }}
),

points as (
    select
        scoring_version,
        component_code,
        item_code,
        choice_code,
        points
    from {{ source('knowledge', 'scoring_points') }}
),

index_groups as (
    select
        scoring_version,
        group_code,
        label,
        position,
        index_code,
        lower_inclusive,
        coalesce(upper_exclusive, 'infinity') as upper_exclusive
    from {{ source('knowledge', 'scoring_groups') }}
),

choices as (
    select
        choices.item_code,
        choices.choice_code,
        items.kind
    from {{ ref('dim_choice') }} as choices
    inner join {{ ref('dim_item') }} as items using (item_code)
    where choices.choice_kind = 'level'
),

component_items as (
    select distinct
        scoring_version,
        component_code,
        item_code
    from points
),

known_groups as (
    select distinct group_code
    from index_groups
),

-- Where a group has a range of neither or one index only, it takes every value of the other.
group_areas as (
    select
        scoring_version,
        group_code,
        coalesce(max(lower_inclusive) filter (where index_code = 'ambition'), 0) as ambition_from,
        coalesce(max(upper_exclusive) filter (where index_code = 'ambition'), 'infinity') as ambition_below,
        coalesce(max(lower_inclusive) filter (where index_code = 'collaboration'), 0) as collaboration_from,
        coalesce(max(upper_exclusive) filter (where index_code = 'collaboration'), 'infinity') as collaboration_below
    from index_groups
    group by scoring_version, group_code
),

unsound as (
    select
        'scorings.is_default: exactly one version is the default' as place,
        'all' as scoring_version,
        count(*) filter (where is_default)::varchar as code
    from scorings
    having count(*) > 0 and count(*) filter (where is_default) <> 1
    union all
    select
        'scorings.scoring_version: a version has both indices' as place,
        scorings.scoring_version,
        count(distinct components.index_code)::varchar as code
    from scorings
    left join components using (scoring_version)
    group by scorings.scoring_version
    having count(distinct components.index_code) <> 2
    union all
    select
        'scoring_components.weight: above 0' as place,
        scoring_version,
        component_code as code
    from components
    where not weight > 0
    union all
    select
        'scoring_components.component_code: once in a version' as place,
        scoring_version,
        component_code as code
    from components
    group by scoring_version, component_code
    having count(*) > 1
    union all
    select
        'scoring_components.component_code: has points' as place,
        components.scoring_version,
        components.component_code as code
    from components
    left join points using (scoring_version, component_code)
    where points.points is null
    union all
    select
        'scoring_points.points: from 0 to 1' as place,
        scoring_version,
        component_code || ': ' || item_code || ' = ' || choice_code as code
    from points
    where not points between 0 and 1
    union all
    select
        'scoring_points.choice_code: once in a component' as place,
        scoring_version,
        component_code || ': ' || item_code || ' = ' || choice_code as code
    from points
    group by scoring_version, component_code, item_code, choice_code
    having count(*) > 1
    union all
    -- A choice of a single-choice item that is not listed would silently be 0.
    select
        'scoring_points.choice_code: every choice of a single-choice item is listed' as place,
        component_items.scoring_version,
        component_items.component_code || ': ' || choices.item_code || ' = ' || choices.choice_code as code
    from component_items
    inner join choices on component_items.item_code = choices.item_code and choices.kind = 'single'
    left join points
        on
            component_items.scoring_version = points.scoring_version
            and component_items.component_code = points.component_code
            and choices.item_code = points.item_code
            and choices.choice_code = points.choice_code
    where points.points is null
    union all
    select
        'scoring_groups.group_code: other and missing are no groups of a scoring' as place,
        scoring_version,
        group_code as code
    from index_groups
    where group_code in ('other', 'missing')
    union all
    select
        'scoring_groups.upper_exclusive: above the lower bound' as place,
        scoring_version,
        group_code || ': ' || index_code as code
    from index_groups
    where not lower_inclusive < upper_exclusive
    union all
    select
        'scoring_groups: one range of an index, one label and one position' as place,
        scoring_version,
        group_code as code
    from index_groups
    group by scoring_version, group_code
    having count(*) <> count(distinct index_code) or count(distinct label) > 1 or count(distinct position) > 1
    union all
    select
        'scoring_groups.group_code: every version has the same groups' as place,
        scorings.scoring_version,
        known_groups.group_code as code
    from scorings
    cross join known_groups
    left join index_groups
        on
            scorings.scoring_version = index_groups.scoring_version
            and known_groups.group_code = index_groups.group_code
    where index_groups.group_code is null
    union all
    select
        'scoring_groups: two groups overlap' as place,
        own.scoring_version,
        own.group_code || ', ' || other.group_code as code
    from group_areas as own
    inner join group_areas as other
        on own.scoring_version = other.scoring_version and own.group_code < other.group_code
    where
        own.ambition_from < other.ambition_below
        and other.ambition_from < own.ambition_below
        and own.collaboration_from < other.collaboration_below
        and other.collaboration_from < own.collaboration_below
)

select
    place,
    scoring_version,
    code
from unsound
