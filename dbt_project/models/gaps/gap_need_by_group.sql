-- Grain: one row a wave × cohort × need × grouping dimension × member
-- (wave, cohort_code, need_code, dimension_code, member_code). The gap is the member's share less the share of the
-- other responses of the cohort.
with cohort_totals as (
    select
        wave,
        cohort_code,
        need_code,
        n as cohort_n,
        base_n as cohort_base_n
    from {{ ref('int_need_counts') }}
    where dimension_code = 'all'
)

select
    scores.wave,
    scores.cohort_code,
    scores.need_code,
    scores.dimension_code,
    scores.member_code,
    scores.n,
    scores.base_n,
    scores.answered_n,
    {{ percent('scores.n', 'scores.base_n') }} as share_pct,
    intervals.share_low_pct,
    intervals.share_high_pct,
    scores.mean_need_level,
    totals.cohort_n - scores.n as others_n,
    totals.cohort_base_n - scores.base_n as others_base_n,
    {{ percent('(totals.cohort_n - scores.n)', '(totals.cohort_base_n - scores.base_n)') }} as others_share_pct,
    round(
        {{ percent('scores.n', 'scores.base_n') }}
        - {{ percent('(totals.cohort_n - scores.n)', '(totals.cohort_base_n - scores.base_n)') }}, 4
    ) as difference_pp
from {{ ref('int_need_counts') }} as scores
inner join cohort_totals as totals using (wave, cohort_code, need_code)
left join {{ ref('int_share_intervals') }} as intervals
    on scores.n = intervals.n and scores.base_n = intervals.base_n
