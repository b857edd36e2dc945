-- Grain: one row a wave × city × need that it has (wave, city_key, need_code), ranked: by how much it is one, then by
-- how many cities of the cohort have it.
select
    cities.wave,
    cities.city_key,
    scores.need_code,
    scores.need_level,
    counts.n,
    counts.base_n,
    row_number() over (
        partition by cities.wave, cities.city_key
        order by
            scores.need_level desc nulls last,
            cast(counts.n as double) / nullif(counts.base_n, 0) desc nulls last,
            scores.need_code asc
    ) as need_rank
from {{ ref('int_profiled_cities') }} as cities
inner join {{ ref('fct_need_score') }} as scores using (wave, cohort_code, city_key)
left join {{ ref('int_need_counts') }} as counts
    on
        cities.wave = counts.wave
        and cities.cohort_code = counts.cohort_code
        and scores.need_code = counts.need_code
        and counts.dimension_code = 'all'
where scores.is_need
