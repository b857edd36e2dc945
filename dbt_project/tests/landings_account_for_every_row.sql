-- Every row that came in is counted, superseded, incomplete, a test or rejected: as landed, and as modelled.
{{ config(meta={'dagster': {'ref': {'name': 'dim_round'}}}) }}
select
    rounds.instrument,
    rounds.round,
    landings.rows_in,
    rounds.rows_in as modelled_rows_in,
    landings.responses_n as landed_responses_n,
    rounds.responses_n
from {{ ref('dim_round') }} as rounds
left join {{ source('landing', 'landings') }} as landings using (instrument, round)
where
    (
        landings.rows_in,
        landings.responses_n,
        landings.superseded_n,
        landings.incomplete_n,
        landings.test_n,
        landings.rejected_rows_n
    ) is distinct from (
        rounds.rows_in,
        rounds.responses_n,
        rounds.superseded_n,
        rounds.incomplete_n,
        rounds.test_n,
        rounds.rejected_rows_n
    )
    or rounds.rows_in
    <> rounds.responses_n + rounds.superseded_n + rounds.incomplete_n + rounds.test_n + rounds.rejected_rows_n
