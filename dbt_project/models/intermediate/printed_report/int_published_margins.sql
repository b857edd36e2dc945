-- Grain: one row a choice whose total a report prints (wave, cohort_code, item_code, choice_code): the total that most
-- of its sources agree on. A table of which a row contradicts the others counts half; of equals the first counts.
with printed_totals as (
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
    from printed_totals
    group by wave, cohort_code, item_code, choice_code, total
),

unsound_sources as (
    select distinct
        printed_totals.wave,
        printed_totals.source_id
    from printed_totals
    inner join first_votes using (wave, cohort_code, item_code, choice_code)
    where
        first_votes.choice_rank = 1
        and printed_totals.total_kind = 'row'
        and printed_totals.total <> first_votes.total
),

cohort_sizes as (
    select
        wave,
        cohort_code,
        total as cohort_n
    from first_votes
    where item_code = 'all' and choice_rank = 1
),

-- A bar of shares that shows every choice of an item tells counts as well, where these make the cohort.
choices as (
    select
        items.item_code,
        count(*) as choices_n
    from {{ ref('dim_item') }} as items
    inner join {{ ref('dim_choice') }} as choices using (item_code)
    where items.kind = 'single' and items.base_rule = 'all' and choices.choice_kind = 'level'
    group by items.item_code
),

bars as (
    select
        shares.wave,
        shares.table_id as source_id,
        shares.source_label,
        shares.source_order,
        shares.cohort_code,
        shares.item_code,
        shares.choice_code,
        cohort_sizes.cohort_n,
        choices.choices_n,
        {{ half_up('shares.value * cohort_sizes.cohort_n / 100.0', '0') }} as total
    from {{ ref('int_published_numbers') }} as shares
    inner join choices using (item_code)
    inner join cohort_sizes using (wave, cohort_code)
    where
        shares.statistic = 'share'
        and shares.table_id is not null
        and shares.dimension_code = 'all'
        and shares.choice_kind = 'level'
),

whole_bars as (
    select
        wave,
        source_id,
        cohort_code,
        item_code
    from bars
    group by wave, source_id, cohort_code, item_code, choices_n, cohort_n
    having count(*) = choices_n and sum(total) = cohort_n
),

totals as (
    select
        wave,
        source_id,
        source_label,
        source_order,
        cohort_code,
        item_code,
        choice_code,
        total
    from printed_totals
    union all
    select
        bars.wave,
        bars.source_id,
        bars.source_label,
        bars.source_order,
        bars.cohort_code,
        bars.item_code,
        bars.choice_code,
        bars.total
    from bars
    inner join whole_bars using (wave, source_id, cohort_code, item_code)
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
