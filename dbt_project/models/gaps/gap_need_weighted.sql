-- Grain: one row a wave × cohort with a frame × need (wave, cohort_code, need_code): the share of the cities with the
-- need as they answered, and weighted to the frame by size and region. The second never replaces the first: respondents
-- chose to answer, and no weight makes them a sample.
with weighted as (
    select
        scores.wave,
        scores.cohort_code,
        scores.need_code,
        count(*) as weighted_base_n,
        100 * sum(case when scores.is_need then weights.frame_weight else 0 end) / sum(weights.frame_weight)
            as weighted_share_pct,
        power(sum(weights.frame_weight), 2) / sum(power(weights.frame_weight, 2)) as effective_n,
        max(weights.covered_pct) as covered_pct
    from {{ ref('fct_need_score') }} as scores
    inner join {{ ref('int_frame_weights') }} as weights using (wave, cohort_code, city_key)
    group by scores.wave, scores.cohort_code, scores.need_code
)

select
    counts.wave,
    counts.cohort_code,
    counts.need_code,
    needs.label as need_label,
    counts.n,
    counts.base_n,
    {{ percent('counts.n', 'counts.base_n') }} as share_pct,
    round(weighted.weighted_share_pct, 4) as weighted_share_pct,
    weighted.weighted_base_n,
    round(weighted.effective_n, 1) as effective_n,
    weighted.covered_pct
from {{ ref('int_need_counts') }} as counts
inner join weighted using (wave, cohort_code, need_code)
inner join {{ ref('dim_need') }} as needs using (need_code)
where counts.dimension_code = 'all'
