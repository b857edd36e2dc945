-- Every scoring version is whole: weights and points lie in range, it has every index of its family and no other, and
-- one version of a family is the default. A row here is a place of the scoring seeds that is not so.
{{ config(meta={'dagster': {'ref': {'name': 'dim_scoring'}}}) }}
with scorings as (
    select
        scoring_version,
        index_family,
        is_default
    from {{ ref('dim_scoring') }}
),

family_indices as (
    select
        scorings.scoring_version,
        indices.index_code
    from scorings
    inner join {{ ref('dim_index') }} as indices using (index_family)
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

-- The versions of a family are compared group by group.
known_groups as (
    select distinct
        scorings.index_family,
        index_groups.group_code
    from index_groups
    inner join scorings using (scoring_version)
),

-- Two groups of a version are apart where the ranges of an index that both have are; a group takes every value of an
-- index that it has no range of.
group_overlaps as (
    select
        own.scoring_version,
        own.group_code,
        other.group_code as other_group_code
    from index_groups as own
    inner join index_groups as other
        on own.scoring_version = other.scoring_version and own.group_code < other.group_code
    group by own.scoring_version, own.group_code, other.group_code
    having
        count(*) filter (
            where
            own.index_code = other.index_code
            and (own.lower_inclusive >= other.upper_exclusive or other.lower_inclusive >= own.upper_exclusive)
        ) = 0
),

unsound as (
    select
        'scorings.is_default: exactly one version of a family is the default' as place,
        index_family as scoring_version,
        count(*) filter (where is_default)::varchar as code
    from scorings
    group by index_family
    having count(*) filter (where is_default) <> 1
    union all
    select
        'scorings.scoring_version: a version has every index of its family' as place,
        scoring_version,
        index_code as code
    from family_indices
    where
        (scoring_version, index_code)
        not in (select (parts.scoring_version, parts.index_code) from components as parts)
    union all
    select
        'scoring_components.index_code: of the family of the version' as place,
        scoring_version,
        index_code as code
    from components
    where
        (scoring_version, index_code)
        not in (select (wanted.scoring_version, wanted.index_code) from family_indices as wanted)
    union all
    select
        'scoring_components.weight: above 0' as place,
        scoring_version,
        component_code as code
    from components
    where not weight > 0
    union all
    select
        'scoring_components.component_code: once in an index of a version' as place,
        scoring_version,
        component_code as code
    from components
    group by scoring_version, index_code, component_code
    having count(*) > 1
    union all
    select
        'scoring_conditions.factor: not negative, and one in a position' as place,
        scoring_version,
        component_code || ': ' || position as code
    from {{ source('knowledge', 'scoring_conditions') }}
    group by scoring_version, component_code, position
    having min(factor) < 0 or count(distinct factor) > 1
    union all
    select
        'scoring_conditions.item_code: a choice once in a position' as place,
        scoring_version,
        component_code || ': ' || position as code
    from {{ source('knowledge', 'scoring_conditions') }}
    group by scoring_version, component_code, position
    having count(*) <> count(distinct item_code || ' = ' || choice_code) and count(*) > 1
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
        'scoring_groups.group_code: every version of a family has the same groups' as place,
        scorings.scoring_version,
        known_groups.group_code as code
    from scorings
    inner join known_groups using (index_family)
    left join index_groups
        on
            scorings.scoring_version = index_groups.scoring_version
            and known_groups.group_code = index_groups.group_code
    where index_groups.group_code is null
    union all
    select
        'scoring_groups: two groups overlap' as place,
        scoring_version,
        group_code || ', ' || other_group_code as code
    from group_overlaps
)

select
    place,
    scoring_version,
    code
from unsound
