-- The cube of one round as somebody would write it who needs nothing else: no key of a city over rounds, no rank of
-- rounds, no coded text, no rejected row, no trace, no check. `long` is what the extract says, one row an answer.
create table told as
with sources as (
    select
        item_code,
        question_code,
        method,
        choice_map
    from read_csv(getvariable('seeds') || '/item_sources.csv', all_varchar = true)
    where instrument = getvariable('instrument') and round = getvariable('round')
)

select distinct
    long.response_id,
    sources.item_code,
    coalesce(maps.choice_code, classes.choice_code, long.answer) as choice_code
from long
inner join sources using (question_code)
left join read_csv(getvariable('seeds') || '/choice_maps.csv', all_varchar = true) as maps
    on sources.method = 'map' and sources.choice_map = maps.choice_map and long.answer = maps.source_choice
left join read_csv(getvariable('seeds') || '/number_classes.csv', all_varchar = true) as classes
    on
        sources.method = 'class'
        and sources.choice_map = classes.choice_map
        and try_cast(long.answer as double) >= cast(classes.lower_inclusive as double)
        and try_cast(long.answer as double) < coalesce(cast(classes.upper_exclusive as double), 'infinity')
where
    sources.method = 'same'
    or sources.method = 'map' and maps.choice_code is not null
    or sources.method = 'class' and classes.choice_code is not null
union all
select
    response_id,
    item_code,
    string_agg(distinct maps.choice_code, '+' order by maps.choice_code) as choice_code
from long
inner join sources using (question_code)
inner join read_csv(getvariable('seeds') || '/choice_maps.csv', all_varchar = true) as maps
    on sources.choice_map = maps.choice_map and long.answer = maps.source_choice
where sources.method = 'combine'
group by response_id, item_code;

create table cube as
with members as (
    select
        cohorts.cohort_code,
        responses.response_id
    from (select distinct response_id from long) as responses
    cross join read_csv(getvariable('seeds') || '/cohorts.csv', all_varchar = true) as cohorts
    where
        cohorts.instrument = getvariable('instrument')
        and not exists (
            select 1
            from read_csv(getvariable('seeds') || '/cohort_filters.csv', all_varchar = true) as filters
            where
                filters.cohort_code = cohorts.cohort_code
                and not exists (
                    select 1
                    from told
                    where
                        told.response_id = responses.response_id
                        and told.item_code = filters.item_code
                        and told.choice_code = filters.choice_code
                )
        )
),

dimensions as (
    select item_code as dimension_code
    from read_csv(getvariable('seeds') || '/items.csv', all_varchar = true)
    where is_dimension = 'yes' and item_code in (select told.item_code from told)
),

grouped as (
    select
        cohort_code,
        response_id,
        'all' as dimension_code,
        'all' as member_code
    from members
    union all
    select
        members.cohort_code,
        members.response_id,
        dimensions.dimension_code,
        coalesce(told.choice_code, 'missing') as member_code
    from members
    cross join dimensions
    left join told on members.response_id = told.response_id and dimensions.dimension_code = told.item_code
)

select
    grouped.cohort_code,
    told.item_code,
    told.choice_code,
    grouped.dimension_code,
    grouped.member_code,
    count(*) as n
from grouped
inner join told using (response_id)
group by all;
