-- Grain: one row a wave × cohort × thing that cities say and a register tells
-- (wave, cohort_code, item_code, choice_code, register_item_code, register_choice_code): how far both agree, of the cities
-- that answered and that the register covers.
with counted as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code,
        register_item_code,
        register_choice_code,
        count(*) filter (where says_yes and is_listed) as says_and_listed_n,
        count(*) filter (where says_yes and not is_listed) as says_not_listed_n,
        count(*) filter (where not says_yes and is_listed) as listed_not_said_n,
        count(*) filter (where not says_yes and not is_listed) as neither_n,
        count(*) filter (where is_listed) as listed_n,
        count(*) filter (where not is_listed) as not_listed_n,
        count(*) as base_n
    from {{ ref('int_self_reports') }}
    group by wave, cohort_code, item_code, choice_code, register_item_code, register_choice_code
)

select
    counted.wave,
    counted.cohort_code,
    counted.item_code,
    counted.choice_code,
    said.label as said_label,
    counted.register_item_code,
    counted.register_choice_code,
    listed.label as listed_label,
    counted.says_and_listed_n,
    counted.says_not_listed_n,
    counted.listed_not_said_n,
    counted.neither_n,
    counted.listed_n,
    counted.not_listed_n,
    counted.base_n,
    {{ percent('(counted.says_and_listed_n + counted.neither_n)', 'counted.base_n') }} as agreement_pct
from counted
inner join {{ ref('dim_choice') }} as said
    on counted.item_code = said.item_code and counted.choice_code = said.choice_code
inner join {{ ref('dim_choice') }} as listed
    on counted.register_item_code = listed.item_code and counted.register_choice_code = listed.choice_code
