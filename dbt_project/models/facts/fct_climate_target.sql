-- Grain: one row a response of a round that asked for the climate target (response_key).
with asked as (
    select
        responses.response_key,
        responses.instrument,
        responses.round
    from {{ ref('stg_responses') }} as responses
    inner join {{ source('knowledge', 'item_sources') }} as item_sources using (instrument, round)
    where item_sources.item_code = 'target_status'
),

choices as (
    select
        response_key,
        max(choice_code) filter (where item_code = 'target_status') as target_status_code,
        max(choice_code) filter (where item_code = 'target_type') as target_type_code,
        max(choice_code) filter (where item_code = 'target_year') as target_year,
        max(choice_code) filter (where item_code = 'exceeds_national_target') as exceeds_national_target
    from {{ ref('int_item_answers') }}
    group by response_key
),

numbers as (
    select
        response_key,
        max(value_number) filter (where item_code = 'expected_reduction_pct') as expected_reduction_pct,
        max(value_number) filter (where item_code = 'residual_emissions_pct') as residual_emissions_pct
    from {{ ref('int_item_numbers') }}
    group by response_key
)

select
    asked.response_key,
    asked.instrument,
    asked.round,
    choices.target_status_code,
    choices.target_type_code,
    try_cast(choices.target_year as integer) as target_year,
    choices.exceeds_national_target = 'yes' as is_above_national_target,
    numbers.expected_reduction_pct,
    numbers.residual_emissions_pct
from asked
left join choices using (response_key)
left join numbers using (response_key)
