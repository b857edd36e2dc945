-- Grain: one row a wave × cohort × need that the cohort's round has evidence for (wave, cohort_code, need_code): does
-- its count come from real answers, from synthetic ones that hold what the report prints, or from other synthetic ones?
-- That is said by the rounds that told its items of the cohort's cities; where none did, by those that could have.
with printed_counts as (
    select distinct
        wave,
        cohort_code,
        item_code,
        choice_code
    from {{ ref('int_reproduced_numbers') }}
    where dimension_code = 'all' and statistic in ('count', 'share')
),

evidence as (
    select
        cohort_items.wave,
        cohort_items.cohort_code,
        evidence.need_code,
        evidence.item_code,
        evidence.choice_code,
        coalesce(evidence.is_chosen, 'yes') = 'yes' as is_chosen,
        items.kind,
        printed.item_code is not null as is_printed
    from {{ source('knowledge', 'need_evidence') }} as evidence
    inner join {{ ref('int_cohort_items') }} as cohort_items using (item_code)
    inner join {{ ref('dim_item') }} as items using (item_code)
    left join printed_counts as printed
        on
            cohort_items.wave = printed.wave
            and cohort_items.cohort_code = printed.cohort_code
            and evidence.item_code = printed.item_code
            and evidence.choice_code = printed.choice_code
),

-- Counts of a menu's choices do not add up to the cities that chose any of them.
needs as (
    select
        wave,
        cohort_code,
        need_code,
        bool_and(is_printed)
        and count(distinct item_code) = 1
        and (count(*) = 1 or bool_and(kind = 'single')) as is_printed,
        case when bool_and(is_chosen) then {{ joined_codes("item_code || ' ' || choice_code") }} end as terms
    from evidence
    group by wave, cohort_code, need_code
),

-- A sentence may state the need as a whole.
printed_measures as (
    select
        numbers.wave,
        measures.cohort_code,
        {{ joined_codes("terms.item_code || ' ' || terms.choice_code") }} as terms
    from {{ ref('int_reproduced_numbers') }} as numbers
    inner join {{ source('knowledge', 'measures') }} as measures
        on
            numbers.measure_id = measures.measure_id
            and (measures.statistic = 'count' or (measures.statistic = 'share' and measures.base_rule = 'all'))
    inner join {{ source('knowledge', 'measure_terms') }} as terms on measures.measure_id = terms.measure_id
    group by numbers.wave, measures.cohort_code, measures.measure_id
    having bool_and(terms.part = 'numerator' and terms.is_chosen = 'yes') and count(distinct terms.item_code) = 1
)

,

telling_rounds as (
    select distinct
        answers.wave,
        answers.cohort_code,
        answers.item_code,
        answers.instrument,
        answers.round,
        true as is_told
    from {{ ref('int_cohort_answers') }} as answers
    inner join {{ ref('int_cohort_members') }} using (wave, cohort_code, city_key)
    union all
    select
        wave,
        cohort_code,
        item_code,
        instrument,
        round,
        false as is_told
    from {{ ref('int_cohort_item_rounds') }}
),

-- What the gazetteer tells is of no round, and real.
sources as (
    select
        evidence.wave,
        evidence.cohort_code,
        evidence.need_code,
        coalesce(
            bool_or(coalesce(rounds.is_synthetic, false)) filter (where telling_rounds.is_told),
            bool_or(coalesce(rounds.is_synthetic, false))
        ) as is_synthetic
    from evidence
    inner join telling_rounds using (wave, cohort_code, item_code)
    left join {{ ref('stg_rounds') }} as rounds
        on telling_rounds.instrument = rounds.instrument and telling_rounds.round = rounds.round
    group by evidence.wave, evidence.cohort_code, evidence.need_code
)

select
    needs.wave,
    needs.cohort_code,
    needs.need_code,
    case
        when not sources.is_synthetic then 'real'
        when needs.is_printed or bool_or(printed_measures.terms is not null) then 'printed'
        else 'synthetic'
    end as provenance
from needs
inner join sources using (wave, cohort_code, need_code)
left join printed_measures
    on
        needs.wave = printed_measures.wave
        and needs.cohort_code = printed_measures.cohort_code
        and needs.terms = printed_measures.terms
group by needs.wave, needs.cohort_code, needs.need_code, sources.is_synthetic, needs.is_printed
