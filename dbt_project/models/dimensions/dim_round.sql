-- Grain: one row a round (instrument, round).
with submissions as (
    select
        instrument,
        round,
        count(*) filter (where standing = 'counted') as responses_n,
        count(*) filter (where standing = 'superseded') as superseded_n,
        count(*) filter (where standing = 'incomplete') as incomplete_n,
        count(*) filter (where standing = 'test') as test_n,
        count(*) as submissions_n
    from {{ ref('stg_submissions') }}
    group by instrument, round
),

rejected as (
    select
        instrument,
        round,
        count(*) filter (where scope = 'row') as rejected_rows_n
    from {{ ref('stg_rejected') }}
    group by instrument, round
)

select
    rounds.instrument,
    rounds.round,
    rounds.title,
    rounds.producer,
    rounds.platform,
    rounds.licence,
    rounds.citation,
    rounds.fieldwork_start,
    rounds.fieldwork_end,
    rounds.is_synthetic,
    rounds.unit,
    rounds.is_confidential,
    rounds.expected_responses_n,
    coalesce(submissions.submissions_n, 0) + coalesce(rejected.rejected_rows_n, 0) as rows_in,
    coalesce(submissions.responses_n, 0) as responses_n,
    coalesce(submissions.superseded_n, 0) as superseded_n,
    coalesce(submissions.incomplete_n, 0) as incomplete_n,
    coalesce(submissions.test_n, 0) as test_n,
    coalesce(rejected.rejected_rows_n, 0) as rejected_rows_n
from {{ ref('stg_rounds') }} as rounds
left join submissions using (instrument, round)
left join rejected using (instrument, round)
