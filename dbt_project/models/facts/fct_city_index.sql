-- Grain: one row a response × scoring version × index (response_key, scoring_version, index_code), for responses of
-- rounds that asked every item of the version.
with weighted as (
    select
        response_key,
        scoring_version,
        index_code,
        is_missing,
        points * weight as weighted_points,
        case when points is not null then weight end as counted_weight
    from {{ ref('int_city_index_component') }}
),

sums as (
    select
        response_key,
        scoring_version,
        index_code,
        count(*) as components_n,
        count(*) filter (where not is_missing) as components_answered_n,
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
    components_n,
    components_answered_n
from sums
