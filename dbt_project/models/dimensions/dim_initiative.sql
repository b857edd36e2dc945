-- Grain: one row a wave × initiative, project, platform or fund outside NetZeroCities (wave, initiative_code). One that is
-- closed, or whose last day lies before the wave, takes no further city; where nothing is known, it may.
with facts as (
    select
        facts.wave,
        facts.initiative_code,
        facts.response_key,
        max(facts.value_text) filter (where facts.question_code = 'name') as label,
        {{ one_choice('kind') }},
        {{ one_choice('level') }},
        {{ one_choice('opening') }},
        {{ one_choice('relation') }},
        max(facts.value_text) filter (where facts.question_code = 'owner') as owner,
        max(facts.value_text) filter (where facts.question_code = 'condition') as eligibility_condition,
        max(facts.choice_code) filter (where facts.question_code = 'mission_related') as mission_related,
        min(facts.value_date) filter (where facts.question_code = 'open_from') as open_from,
        max(facts.value_date) filter (where facts.question_code = 'open_until') as open_until,
        {{ all_choices('sectors') }},
        {{ all_choices('offers') }},
        {{ all_choices('pathways') }},
        {{ all_choices('steps') }},
        {{ all_choices('eligible') }},
        {{ all_choices('eligible_sizes') }},
        {{ all_choices('countries') }},
        {{ all_choices('stated') }},
        cast(max(facts.value_number) filter (where facts.question_code = 'line') as integer) as line
    from {{ ref('int_initiative_facts') }} as facts
    group by facts.wave, facts.initiative_code, facts.response_key
)

select
    facts.wave,
    facts.initiative_code,
    facts.label,
    facts.kind,
    facts.kind_label,
    facts.level,
    facts.level_label,
    facts.owner,
    facts.sectors,
    facts.offers,
    facts.pathways,
    facts.steps,
    facts.eligible,
    facts.eligible_sizes,
    facts.countries as eligible_countries,
    facts.eligibility_condition,
    facts.opening,
    facts.opening_label,
    facts.open_from,
    facts.open_until,
    facts.opening <> 'closed'
    and coalesce(year(facts.open_from) <= waves.report_year, true)
    and coalesce(year(facts.open_until) >= waves.report_year, true) as takes_cities,
    facts.relation,
    facts.relation_label,
    facts.mission_related,
    facts.stated as stated_facts,
    facts.line,
    facts.response_key
from facts
inner join {{ ref('dim_wave') }} as waves using (wave)
