-- Grain: one row a wave × cohort × grouping dimension × member (wave, cohort_code, dimension_code, member_code): of the
-- cities that were invited, how many answered; and of those of the base wave, how many answered again. Groups of the
-- base wave are as they were then.
with frames as (
    select
        waves.wave,
        frames.cohort_code,
        frames.size_class,
        frames.region,
        frames.cities_n
    from {{ source('knowledge', 'frames') }} as frames
    inner join {{ source('knowledge', 'waves') }} as waves on coalesce(frames.wave, waves.wave) = waves.wave
    where frames.kind = 'invited'
),

invited_groups as (
    select
        wave,
        cohort_code,
        'all' as dimension_code,
        'all' as member_code,
        cities_n
    from frames
    union all
    select
        wave,
        cohort_code,
        'size_class' as dimension_code,
        size_class as member_code,
        cities_n
    from frames
    union all
    select
        wave,
        cohort_code,
        'region' as dimension_code,
        region as member_code,
        cities_n
    from frames
),

invited as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code,
        cast(sum(cities_n) as bigint) as invited_n
    from invited_groups
    group by wave, cohort_code, dimension_code, member_code
),

-- Groups that are told of, of cohorts that were invited or have a base wave.
members as (
    select
        members.wave,
        members.cohort_code,
        members.city_key,
        members.dimension_code,
        members.member_code
    from {{ ref('int_group_members') }} as members
    inner join {{ ref('int_group_missions') }} using (wave, cohort_code, dimension_code, member_code)
),

cohorts as (
    select distinct
        waves.wave,
        waves.base_wave,
        own.cohort_code
    from {{ source('knowledge', 'waves') }} as waves
    inner join {{ ref('int_cohort_members') }} as own on waves.wave = own.wave
),

answering as (
    select
        members.wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        count(*) as responded_n,
        count(*) filter (where earlier.city_key is null) as joined_n
    from members
    inner join cohorts using (wave, cohort_code)
    left join {{ ref('int_cohort_members') }} as earlier
        on
            cohorts.base_wave = earlier.wave
            and members.cohort_code = earlier.cohort_code
            and members.city_key = earlier.city_key
    group by members.wave, members.cohort_code, members.dimension_code, members.member_code
),

panel as (
    select
        cohorts.wave,
        cohorts.base_wave,
        members.cohort_code,
        members.dimension_code,
        members.member_code,
        count(*) as earlier_n,
        count(*) filter (where now.city_key is not null) as stayed_n
    from cohorts
    inner join members on cohorts.base_wave = members.wave and cohorts.cohort_code = members.cohort_code
    left join {{ ref('int_cohort_members') }} as now
        on
            cohorts.wave = now.wave
            and members.cohort_code = now.cohort_code
            and members.city_key = now.city_key
    group by cohorts.wave, cohorts.base_wave, members.cohort_code, members.dimension_code, members.member_code
),

-- Cohorts that both waves read in the same rounds are the same answers: nobody answered again.
repeated as (
    select
        cohorts.wave,
        cohorts.cohort_code
    from cohorts
    inner join {{ ref('int_cohort_members') }} as own using (wave, cohort_code)
    inner join {{ ref('int_cohort_members') }} as base
        on
            cohorts.base_wave = base.wave
            and own.cohort_code = base.cohort_code
            and own.response_key = base.response_key
    group by cohorts.wave, cohorts.cohort_code
),

told as (
    select
        wave,
        cohort_code,
        dimension_code,
        member_code
    from invited
    union distinct
    select
        wave,
        cohort_code,
        dimension_code,
        member_code
    from panel
)

select
    told.wave,
    panel.base_wave,
    told.cohort_code,
    told.dimension_code,
    told.member_code,
    invited.invited_n,
    coalesce(answering.responded_n, 0) as responded_n,
    {{ percent('coalesce(answering.responded_n, 0)', 'invited.invited_n') }} as response_pct,
    panel.earlier_n,
    panel.stayed_n,
    panel.earlier_n - panel.stayed_n as gone_n,
    case when panel.earlier_n is not null then coalesce(answering.joined_n, 0) end as new_n,
    {{ percent('panel.stayed_n', 'panel.earlier_n') }} as retention_pct
from told
left join invited using (wave, cohort_code, dimension_code, member_code)
left join answering using (wave, cohort_code, dimension_code, member_code)
left join panel using (wave, cohort_code, dimension_code, member_code)
left join repeated using (wave, cohort_code)
where repeated.wave is null
