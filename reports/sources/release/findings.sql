-- What the release finds, a sentence each with its numbers: the largest need by each way of asking, what changed, what
-- services cover, and the largest clear gaps between groups. Nothing is said that hangs on a hidden number.
with labels as (
    select
        label_kind,
        parent_code,
        code,
        label,
        position
    from read_parquet('${release}/gaps/gap_label.parquet')
),

cohorts as (
    select
        code as cohort_code,
        label as cohort_label,
        position
    from labels
    where label_kind = 'cohort'
),

pairs as (
    select
        need_code,
        need_label,
        cohort_code,
        evidence_kind,
        n,
        base_n,
        share_pct,
        comparison_cohort_code,
        comparison_evidence_kind,
        comparison_n,
        comparison_base_n,
        comparison_share_pct
    from read_parquet('${release}/gaps/gap_need_by_cohort.parquet')
),

sides as (
    select
        cohort_code,
        need_code,
        need_label,
        evidence_kind,
        n,
        base_n,
        share_pct
    from pairs
    union
    select
        comparison_cohort_code as cohort_code,
        need_code,
        need_label,
        comparison_evidence_kind as evidence_kind,
        comparison_n as n,
        comparison_base_n as base_n,
        comparison_share_pct as share_pct
    from pairs
),

-- A hidden share may be larger than all that are shown.
ranked as (
    select
        cohort_code,
        need_label,
        evidence_kind,
        n,
        base_n,
        share_pct,
        rank() over alike as place,
        count(*) over (partition by cohort_code, evidence_kind) as needs_n,
        bool_or(share_pct is null) over (partition by cohort_code, evidence_kind) as has_hidden
    from sides
    where evidence_kind is not null
    window alike as (partition by cohort_code, evidence_kind order by share_pct desc nulls last)
),

largest as (
    select
        1 as part,
        cohort_label as within,
        -max(share_pct) as size,
        max(n) || ' of ' || max(base_n) || ' ' || cohort_label || ' (' || printf('%.1f', max(share_pct)) || ' %) state “'
        || string_agg(need_label, '”, and as many “' order by need_label) || '”: the most of ' || max(needs_n)
        || ' needs that were asked by ' || evidence_kind
        || case when bool_or(has_hidden) then ', of those that are shown.' else '.' end as sentence
    from ranked
    inner join cohorts using (cohort_code)
    where place = 1 and needs_n > 1 and share_pct is not null
    group by cohort_code, cohort_label, evidence_kind
),

changed as (
    select
        2 as part,
        cohort_label as within,
        -abs(difference_pp) as size,
        n || ' of ' || base_n || ' ' || cohort_label || ' (' || printf('%.1f', share_pct) || ' %) state “' || need_label
        || '” in ' || wave || ', ' || comparison_n || ' of ' || comparison_base_n || ' (' || printf('%.1f', comparison_share_pct)
        || ' %) did in ' || base_wave || case when is_paired then ', the same cities' else ', not all the same cities' end
        || ': ' || verdict || '.' as sentence
    from read_parquet('${release}/gaps/gap_need_change.parquet')
    inner join cohorts using (cohort_code)
    where
        dimension_code = 'all' and n is not null and comparison_n is not null
        and verdict is not null and verdict not in ('no clear change', 'not comparable')
),

coverage as (
    select distinct
        cohort_label,
        need_code,
        need_label,
        verdict,
        dense_rank() over (order by position) as place
    from read_parquet('${release}/gaps/gap_service_coverage.parquet')
    inner join cohorts using (cohort_code)
    where dimension_code = 'all' and verdict is not null
),

verdicts as (
    select
        cohort_label,
        verdict,
        count(*) as needs_n,
        sum(count(*)) over () as all_n,
        string_agg(need_label, '”, “' order by need_label) as needs
    from coverage
    where place = 1
    group by cohort_label, verdict
),

covered as (
    select
        3 as part,
        cohort_label as within,
        -needs_n as size,
        needs_n || ' of ' || all_n || ' needs of ' || cohort_label || ': ' || verdict
        || case when needs_n <= 6 then ' (“' || needs || '”).' else '.' end as sentence
    from verdicts
),

-- Of a gap that shows in several answers, or from both sides, the largest is told.
gaps as (
    select
        evidence.item_code,
        evidence.choice_code,
        evidence.cohort_code,
        evidence.dimension_code,
        evidence.member_code,
        evidence.item_label || ': ' || evidence.choice_label as answer,
        evidence.n || ' of ' || evidence.base_n as own,
        evidence.comparison_n || ' of ' || evidence.comparison_base_n as other,
        evidence.share_pct,
        evidence.comparison_share_pct,
        evidence.difference_pp,
        evidence.difference_low_pp,
        evidence.difference_high_pp
    from read_parquet('${release}/gaps/gap_evidence.parquet') as evidence
    -- What cities are grouped by is no answer of theirs.
    inner join labels as items on items.label_kind = 'item' and evidence.item_code = items.code
    where
        evidence.verdict = 'clear gap' and evidence.dimension_code <> 'all' and evidence.member_code <> 'missing'
        and evidence.difference_pp > 0 and evidence.n is not null and evidence.comparison_n is not null
    qualify row_number() over (
        partition by evidence.item_code order by evidence.difference_pp desc, evidence.comparison_code
    ) = 1
),

apart as (
    select
        4 as part,
        cohorts.cohort_label as within,
        -gaps.difference_pp as size,
        '“' || gaps.answer || '”: ' || gaps.own || ' ' || cohorts.cohort_label || ' with “' || groups.label || '” ('
        || printf('%.1f', gaps.share_pct) || ' %), ' || gaps.other || ' others ('
        || printf('%.1f', gaps.comparison_share_pct) || ' %); the difference of ' || printf('%.1f', gaps.difference_pp)
        || ' percentage points may be from ' || printf('%.1f', gaps.difference_low_pp) || ' to '
        || printf('%.1f', gaps.difference_high_pp) || '.' as sentence
    from gaps
    inner join cohorts using (cohort_code)
    inner join labels as groups
        on
            groups.label_kind = 'choice'
            and gaps.dimension_code = groups.parent_code
            and gaps.member_code = groups.code
    order by gaps.difference_pp desc, sentence
    limit 5
)

select part, within, size, sentence from largest
union all
select part, within, size, sentence from changed
union all
select part, within, size, sentence from covered
union all
select part, within, size, sentence from apart
order by part, within, size, sentence
