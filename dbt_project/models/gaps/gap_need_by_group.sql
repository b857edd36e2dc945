-- Grain: one row a wave × cohort × need × grouping dimension × member
-- (wave, cohort_code, need_code, dimension_code, member_code). The gap is the member's share less the share of the
-- other responses of the cohort.
with scores as (
    select
        members.wave,
        members.cohort_code,
        scores.need_code,
        members.dimension_code,
        members.member_code,
        count(*) filter (where scores.is_need) as n,
        count(*) as base_n,
        count(*) filter (where scores.is_answered) as answered_n,
        round(avg(scores.need_level), 4) as mean_need_level
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('fct_need_score') }} as scores using (response_key)
    group by all
),

cohort_totals as (
    select
        wave,
        cohort_code,
        need_code,
        n as cohort_n,
        base_n as cohort_base_n
    from scores
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
    scores.mean_need_level,
    totals.cohort_n - scores.n as others_n,
    totals.cohort_base_n - scores.base_n as others_base_n,
    {{ percent('(totals.cohort_n - scores.n)', '(totals.cohort_base_n - scores.base_n)') }} as others_share_pct,
    round(
        {{ percent('scores.n', 'scores.base_n') }}
        - {{ percent('(totals.cohort_n - scores.n)', '(totals.cohort_base_n - scores.base_n)') }}, 4
    ) as difference_pp
from scores
inner join cohort_totals as totals using (wave, cohort_code, need_code)
