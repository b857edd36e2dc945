-- Grain: one row a response × scoring version × index (response_key, scoring_version, index_code), for responses of
-- rounds that asked every item of the version. Points are summed as decimal numbers: the sum is one in any order.
with weighted as (
    select
        response_key,
        scoring_version,
        index_code,
        is_missing,
        weight > 0 as is_applicable,
        cast(points as decimal(18, 6)) * cast(weight as decimal(18, 12)) as weighted_points,
        case when points is not null then cast(weight as decimal(18, 12)) end as counted_weight
    from {{ ref('int_city_index_component') }}
),

sums as (
    select
        response_key,
        scoring_version,
        index_code,
        count(*) filter (where is_applicable) as components_n,
        count(*) filter (where is_applicable and not is_missing) as components_answered_n,
        sum(weighted_points) as index_points,
        sum(counted_weight) as index_weight
    from weighted
    group by response_key, scoring_version, index_code
)

select
    response_key,
    scoring_version,
    index_code,
    {{ percent('index_points', 'index_weight') }} as index_value,
    cast(round(index_points, 6) as double) as index_points,
    cast(round(index_weight, 6) as double) as reachable_points,
    components_n,
    components_answered_n
from sums
