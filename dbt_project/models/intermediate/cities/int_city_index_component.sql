-- Grain: one row a response × scoring version × index × component (response_key, scoring_version, index_code,
-- component_code), for responses of rounds that asked every item of the version. Of several choices the best counts, an
-- unlisted one is 0; of several conditions the first that holds says what the weight is multiplied by.
with scoring_points as (
    select
        scoring_version,
        component_code,
        item_code,
        choice_code,
        points
    from {{ source('knowledge', 'scoring_points') }}
),

conditions as (
    select
        scoring_version,
        component_code,
        position,
        max(factor) as factor,
        count(item_code) as terms_n
    from {{ source('knowledge', 'scoring_conditions') }}
    group by scoring_version, component_code, position
),

answers as (
    select
        response_key,
        item_code,
        choice_code
    from {{ ref('int_item_answers') }}
),

version_items as (
    select
        scoring_version,
        item_code
    from scoring_points
    union distinct
    select
        scoring_version,
        item_code
    from {{ source('knowledge', 'scoring_conditions') }}
    where item_code is not null
),

version_sizes as (
    select
        scoring_version,
        count(*) as items_n
    from version_items
    group by scoring_version
),

asked_items as (
    select
        version_items.scoring_version,
        item_sources.instrument,
        item_sources.round,
        count(distinct item_sources.item_code) as items_n
    from version_items
    inner join {{ source('knowledge', 'item_sources') }} as item_sources using (item_code)
    group by version_items.scoring_version, item_sources.instrument, item_sources.round
),

-- A round that lacks an item of the version would make an index of something else.
scored_rounds as (
    select
        asked_items.scoring_version,
        asked_items.instrument,
        asked_items.round
    from asked_items
    inner join version_sizes using (scoring_version, items_n)
),

component_items as (
    select distinct
        scoring_version,
        component_code,
        item_code
    from scoring_points
),

answered as (
    select distinct
        answers.response_key,
        component_items.scoring_version,
        component_items.component_code
    from component_items
    inner join answers using (item_code)
),

best_points as (
    select
        answers.response_key,
        scoring_points.scoring_version,
        scoring_points.component_code,
        max(scoring_points.points) as points
    from scoring_points
    inner join answers using (item_code, choice_code)
    group by answers.response_key, scoring_points.scoring_version, scoring_points.component_code
),

held_terms as (
    select
        answers.response_key,
        terms.scoring_version,
        terms.component_code,
        terms.position,
        count(*) as terms_n
    from {{ source('knowledge', 'scoring_conditions') }} as terms
    inner join answers using (item_code, choice_code)
    group by answers.response_key, terms.scoring_version, terms.component_code, terms.position
),

held_conditions as (
    select
        responses.response_key,
        conditions.scoring_version,
        conditions.component_code,
        conditions.factor,
        row_number() over (
            partition by responses.response_key, conditions.scoring_version, conditions.component_code
            order by conditions.position
        ) as place
    from {{ ref('stg_responses') }} as responses
    inner join scored_rounds using (instrument, round)
    inner join conditions using (scoring_version)
    left join held_terms
        on
            responses.response_key = held_terms.response_key
            and conditions.scoring_version = held_terms.scoring_version
            and conditions.component_code = held_terms.component_code
            and conditions.position = held_terms.position
    where coalesce(held_terms.terms_n, 0) = conditions.terms_n
)

select
    responses.response_key,
    components.scoring_version,
    components.index_code,
    components.component_code,
    components.weight * coalesce(held_conditions.factor, 1) as weight,
    case
        when answered.response_key is not null then coalesce(best_points.points, 0)
        when components.missing_rule = 'zero' then 0
    end as points,
    answered.response_key is null as is_missing
from {{ ref('stg_responses') }} as responses
inner join scored_rounds using (instrument, round)
inner join {{ source('knowledge', 'scoring_components') }} as components using (scoring_version)
left join answered
    on
        responses.response_key = answered.response_key
        and components.scoring_version = answered.scoring_version
        and components.component_code = answered.component_code
left join best_points
    on
        responses.response_key = best_points.response_key
        and components.scoring_version = best_points.scoring_version
        and components.component_code = best_points.component_code
left join held_conditions
    on
        responses.response_key = held_conditions.response_key
        and components.scoring_version = held_conditions.scoring_version
        and components.component_code = held_conditions.component_code
        and held_conditions.place = 1
