-- Grain: one row a count and its base that occur in the cube (n, base_n).
select distinct
    n,
    base_n
from {{ ref('int_cube_counts') }}
where base_n > 0
