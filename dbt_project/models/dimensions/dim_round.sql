-- Grain: one row a round (instrument, round).
with responses as (
    select
        instrument,
        round,
        count(*) as responses_n
    from {{ ref('stg_responses') }}
    group by instrument, round
),

rejected as (
    select
        instrument,
        round,
        count(*) as rejected_rows_n
    from {{ ref('stg_rejected') }}
    where scope = 'row'
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
    rounds.expected_responses_n,
    coalesce(responses.responses_n, 0) as responses_n,
    coalesce(rejected.rejected_rows_n, 0) as rejected_rows_n
from {{ ref('stg_rounds') }} as rounds
left join responses using (instrument, round)
left join rejected using (instrument, round)
