-- Grain: one row a count and its base that occur in the cube, among the needs or the readiness of cities (n, base_n),
-- and all of small bases: those of two groupings at once, which nobody counts before they are asked for.
with bases as (
    select unnest(range(1, 201)) as base_n
)

select
    n,
    base_n
from {{ ref('int_cube_counts') }}
where base_n > 0
union
select
    n,
    base_n
from {{ ref('int_need_counts') }}
where base_n > 0
union
select
    n,
    base_n
from {{ ref('int_readiness_counts') }}
union
select
    n,
    base_n
from {{ ref('int_pathway_counts') }}
union
select
    unnest(range(0, base_n + 1)) as n,
    base_n
from bases
