-- Grain: one row a wave × cohort × city × scoring version × pathway that a rule recommends (wave, cohort_code,
-- city_key, scoring_version, pathway_code): first where the city is least ready; of equal levels where more rules
-- say so, then where the index is lower. Equals share a rank.
with reasons as (
    select
        readiness.wave,
        readiness.cohort_code,
        readiness.city_key,
        readiness.scoring_version,
        rules.pathway_code,
        readiness.index_value,
        indices.position as index_position,
        levels.position as level_position,
        indices.label || ', ' || levels.label || ': ' || rules.why as reason
    from {{ ref('fct_city_readiness') }} as readiness
    inner join {{ source('knowledge', 'pathway_rules') }} as rules using (index_code, level_code)
    inner join {{ source('knowledge', 'readiness_levels') }} as levels using (index_code, level_code)
    inner join {{ source('knowledge', 'indices') }} as indices using (index_code)
),

recommended as (
    select
        wave,
        cohort_code,
        city_key,
        scoring_version,
        pathway_code,
        min(level_position) as level_position,
        count(*) as reasons_n,
        min(index_value) as lowest_index_value,
        {{ joined_texts('reason', 'index_position') }} as reasons
    from reasons
    group by wave, cohort_code, city_key, scoring_version, pathway_code
)

select
    wave,
    cohort_code,
    city_key,
    scoring_version,
    pathway_code,
    rank() over (
        partition by wave, cohort_code, city_key, scoring_version
        order by level_position asc, reasons_n desc, lowest_index_value asc
    ) as pathway_rank,
    reasons_n,
    lowest_index_value,
    reasons
from recommended
