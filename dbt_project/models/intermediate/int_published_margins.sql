-- Grain: one row a choice whose total a report prints (wave, cohort_code, item_code, choice_code): the total that most
-- of its sources agree on. A table of which a row contradicts the others counts half; of equals the first counts.
with totals as (
    select
        wave,
        source_id,
        source_label,
        source_order,
        total_kind,
        cohort_code,
        item_code,
        choice_code,
        total
    from {{ ref('int_published_totals') }}
),

first_votes as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        total,
        row_number() over (
            partition by wave, cohort_code, item_code, choice_code
            order by count(*) desc, min(source_order) asc, total asc
        ) as choice_rank
    from totals
    group by wave, cohort_code, item_code, choice_code, total
),

unsound_sources as (
    select distinct
        totals.wave,
        totals.source_id
    from totals
    inner join first_votes using (wave, cohort_code, item_code, choice_code)
    where first_votes.choice_rank = 1 and totals.total_kind = 'row' and totals.total <> first_votes.total
),

cohort_sizes as (
    select
        wave,
        cohort_code,
        total as cohort_n
    from first_votes
    where item_code = 'all' and choice_rank = 1
),

-- A printed share of the whole cohort speaks for a total that it is within a percentage point of.
share_votes as (
    select
        totals.wave,
        totals.cohort_code,
        totals.item_code,
        totals.choice_code,
        totals.total,
        count(distinct shares.cell_id) as votes_n
    from totals
    inner join cohort_sizes using (wave, cohort_code)
    inner join {{ ref('int_published_numbers') }} as shares
        on
            totals.wave = shares.wave
            and totals.cohort_code = shares.cohort_code
            and totals.item_code = shares.item_code
            and totals.choice_code = shares.choice_code
            and shares.dimension_code = 'all'
            and shares.statistic = 'share'
            and abs(shares.value - 100.0 * totals.total / cohort_sizes.cohort_n) < 1
    group by totals.wave, totals.cohort_code, totals.item_code, totals.choice_code, totals.total
),

votes as (
    select
        totals.wave,
        totals.cohort_code,
        totals.item_code,
        totals.choice_code,
        totals.total,
        count(*) as agreeing_n,
        min(totals.source_order) as first_source,
        sum(case when unsound_sources.source_id is null then 2 else 1 end) as weight
    from totals
    left join unsound_sources using (wave, source_id)
    group by totals.wave, totals.cohort_code, totals.item_code, totals.choice_code, totals.total
),

ranked as (
    select
        votes.wave,
        votes.cohort_code,
        votes.item_code,
        votes.choice_code,
        votes.total,
        votes.agreeing_n,
        sum(votes.agreeing_n) over (
            partition by votes.wave, votes.cohort_code, votes.item_code, votes.choice_code
        ) as sources_n,
        row_number() over (
            partition by votes.wave, votes.cohort_code, votes.item_code, votes.choice_code
            order by
                votes.weight + 2 * coalesce(share_votes.votes_n, 0) desc, votes.first_source asc, votes.total asc
        ) as choice_rank
    from votes
    left join share_votes using (wave, cohort_code, item_code, choice_code, total)
),

agreeing as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        total,
        source_label,
        row_number() over (
            partition by wave, cohort_code, item_code, choice_code, total order by source_order asc, source_id asc
        ) as source_rank
    from totals
)

select
    ranked.wave,
    ranked.cohort_code,
    ranked.item_code,
    ranked.choice_code,
    ranked.total as margin_n,
    ranked.sources_n,
    ranked.agreeing_n,
    agreeing.source_label
    || case when ranked.agreeing_n > 1 then ' and ' || cast(ranked.agreeing_n - 1 as bigint) || ' more' else '' end
        as agreed_by
from ranked
inner join agreeing
    on
        ranked.wave = agreeing.wave
        and ranked.cohort_code = agreeing.cohort_code
        and ranked.item_code = agreeing.item_code
        and ranked.choice_code = agreeing.choice_code
        and ranked.total = agreeing.total
        and agreeing.source_rank = 1
where ranked.choice_rank = 1
