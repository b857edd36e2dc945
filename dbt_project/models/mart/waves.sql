-- Grain: one row a wave × round that it draws on (wave, instrument, round); one without a round where a wave has none.
select
    waves.wave,
    waves.label as wave_label,
    waves.status,
    waves.base_wave,
    wave_rounds.rank as round_rank,
    wave_rounds.instrument,
    wave_rounds.round,
    rounds.title as round_title,
    rounds.unit,
    rounds.fieldwork_start,
    rounds.fieldwork_end,
    rounds.is_synthetic,
    rounds.is_confidential,
    rounds.rows_in,
    rounds.responses_n,
    rounds.rejected_rows_n,
    rounds.licence
from {{ ref('dim_wave') }} as waves
left join {{ source('knowledge', 'wave_rounds') }} as wave_rounds using (wave)
left join {{ ref('dim_round') }} as rounds using (instrument, round)
