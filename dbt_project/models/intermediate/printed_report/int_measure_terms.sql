-- Grain: one row a wave × measure × choice of its numerator (wave, measure_id, item_code, choice_code): how many
-- members of the measure's base have the choice.
with bases as (
    select
        wave,
        measure_id,
        count(*) as base_n
    from {{ ref('int_measure_members') }}
    group by wave, measure_id
)

select
    bases.wave,
    bases.measure_id,
    terms.item_code,
    terms.choice_code,
    count(answers.choice_code) as n,
    bases.base_n
from bases
inner join {{ source('knowledge', 'measure_terms') }} as terms
    on bases.measure_id = terms.measure_id and terms.part = 'numerator' and terms.is_chosen = 'yes'
left join {{ ref('int_measure_members') }} as members
    on bases.wave = members.wave and bases.measure_id = members.measure_id
left join {{ source('knowledge', 'measures') }} as measures on members.measure_id = measures.measure_id
left join {{ ref('int_cohort_answers') }} as answers
    on
        members.wave = answers.wave
        and measures.cohort_code = answers.cohort_code
        and members.city_key = answers.city_key
        and terms.item_code = answers.item_code
        and terms.choice_code = answers.choice_code
group by bases.wave, bases.measure_id, terms.item_code, terms.choice_code, bases.base_n
