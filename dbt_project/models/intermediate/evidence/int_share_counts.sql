-- Grain: one row a count and its base that occur in the cube or among the needs (n, base_n), and all of small bases:
-- those of two groupings at once, which nobody counts before they are asked for.
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
    unnest(range(0, base_n + 1)) as n,
    base_n
from bases
