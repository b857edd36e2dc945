-- Grain: one row a count and its base that occur in the cube or among the needs (n, base_n).
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
