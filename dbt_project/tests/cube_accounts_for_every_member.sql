-- Over a single-choice item the levels and the missing answers add up to the cities of the group that were asked.
{{ config(meta={'dagster': {'ref': {'name': 'gap_cube'}}}) }}
select
    cube.wave,
    cube.cohort_code,
    cube.item_code,
    cube.dimension_code,
    cube.member_code,
    sum(cube.n) filter (where cube.choice_kind in ('level', 'missing')) as accounted_n,
    max(cube.base_n) filter (where cube.choice_kind = 'missing') as asked_n
from {{ ref('gap_cube') }} as cube
inner join {{ ref('dim_item') }} as items using (item_code)
where items.kind = 'single'
group by cube.wave, cube.cohort_code, cube.item_code, cube.dimension_code, cube.member_code
having accounted_n <> asked_n
