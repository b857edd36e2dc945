-- Grain: one row a landed response (response_key), with whether it counts.
with ordered as (
    select
        instrument,
        round,
        response_id,
        respondent_id,
        status,
        position,
        source_file,
        source_sheet,
        source_row,
        submitted_at,
        updated_at,
        language,
        first_value(response_id) over (
            partition by
                instrument,
                round,
                status,
                respondent_id,
                case when respondent_id is null then response_id end
            order by coalesce(updated_at, submitted_at) desc nulls last, position desc
        ) as last_response_id
    from {{ source('landing', 'responses') }}
)

select
    {{ response_key('instrument', 'round', 'response_id') }} as response_key,
    instrument,
    round,
    response_id,
    respondent_id,
    status as submission_status,
    case
        when status <> 'complete' then status
        when response_id = last_response_id then 'counted'
        else 'superseded'
    end as standing,
    case
        when status = 'complete' and response_id <> last_response_id
            then {{ response_key('instrument', 'round', 'last_response_id') }}
    end as superseded_by,
    position as landed_position,
    source_file,
    source_sheet,
    source_row,
    submitted_at,
    updated_at,
    language
from ordered
