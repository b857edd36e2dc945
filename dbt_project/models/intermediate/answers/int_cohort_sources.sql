-- Grain: one row a wave × cohort (wave, cohort_code): whether a round that it reads is synthetic, as its source card
-- says.
select
    item_rounds.wave,
    item_rounds.cohort_code,
    bool_or(rounds.is_synthetic) as is_synthetic
from {{ ref('int_cohort_item_rounds') }} as item_rounds
inner join {{ ref('stg_rounds') }} as rounds using (instrument, round)
group by item_rounds.wave, item_rounds.cohort_code
