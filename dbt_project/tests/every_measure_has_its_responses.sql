-- The cities whose responses are behind a measure of a sentence are as many as its base, those of its numerator as many
-- as its n, each response once. Of measures whose bases are more in all than can be traced in a build, some are looked
-- at, the same ones each time.
{{ config(meta={'dagster': {'ref': {'name': 'gap_measure'}}}) }}
with sized as (
    select
        wave,
        measure_id,
        statistic,
        n,
        base_n,
        {{ running_total('base_n', 'wave, measure_id') }} as total_n
    from {{ ref('gap_measure') }}
    where base_n is not null
),

checked as (
    select
        wave,
        measure_id,
        statistic,
        n,
        base_n
    from sized
    where total_n <= {{ var('traced_rows_checked_n') }}
),

checked_members as (
    select
        members.wave,
        members.measure_id,
        members.city_key,
        members.is_in_numerator
    from {{ ref('int_measure_members') }} as members
    inner join checked using (wave, measure_id)
),

responses as (
    {{ traced_measures('checked_members') }}
),

traced as (
    select
        wave,
        measure_id,
        count(*) as responses_n,
        count(distinct response_key) as different_responses_n,
        count(distinct city_key) as cities_n,
        count(distinct city_key) filter (
            where is_in_numerator
        ) as numerator_n
    from responses
    group by wave, measure_id
)

select
    wave,
    measure_id,
    checked.base_n,
    traced.cities_n,
    checked.n,
    traced.numerator_n
from checked
left join traced using (wave, measure_id)
where
    checked.base_n <> coalesce(traced.cities_n, 0)
    or checked.statistic in ('share', 'count') and checked.n <> coalesce(traced.numerator_n, 0)
    or traced.responses_n <> traced.different_responses_n
