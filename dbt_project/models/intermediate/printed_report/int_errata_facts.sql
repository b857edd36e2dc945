-- Grain: one row a thing of which a printed report says two things in words (wave, subject, attribute). What fewer
-- places say stands first; every other value is named with the first place that says it.
with facts as (
    select
        wave,
        subject,
        attribute,
        lower(value) as value_key,
        value,
        printed_at,
        {{ printed_order('printed_at') }} as source_order
    from {{ source('knowledge', 'report_facts') }}
),

said as (
    select
        wave,
        subject,
        attribute,
        value_key,
        min_by(value, source_order) as value,
        min_by(printed_at, source_order) as source_label,
        min(source_order) as source_order,
        count(*) as places_n
    from facts
    group by wave, subject, attribute, value_key
),

ranked as (
    select
        wave,
        subject,
        attribute,
        value,
        source_label,
        source_order,
        source_label
        || ', ' || subject || ': ' || value
        || case when places_n > 1 then ' (' || places_n || ' places)' else '' end as side,
        row_number() over (partition by wave, subject, attribute order by places_n, source_order) as position
    from said
)

select
    wave,
    subject || '.' || attribute as finding,
    min(source_label) filter (
        where position = 1
    ) as source_label,
    min(source_order) filter (
        where position = 1
    ) as source_order,
    subject || ' ' || attribute as place,
    min(value) filter (
        where position = 1
    ) as printed,
    'what it says elsewhere' as contradicted_by,
    string_agg(side, '; or ' order by position) filter (
        where position > 1
    ) as alternatives,
    cast(null as varchar) as cohort_code
from ranked
group by wave, subject, attribute
having count(*) > 1
