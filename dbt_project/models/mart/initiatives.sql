-- Grain: one row a wave × initiative (wave, initiative_code): what it is, for whom, and how many cities take part by a
-- register.
with participants as (
    select
        wave,
        initiative_code,
        count(distinct city_key) as cities_n
    from {{ ref('int_city_initiatives') }}
    group by wave, initiative_code
)

select
    initiatives.wave,
    initiatives.initiative_code,
    initiatives.label as initiative_label,
    initiatives.kind_label,
    initiatives.level_label,
    initiatives.owner,
    initiatives.sectors,
    initiatives.offers,
    initiatives.eligible,
    initiatives.opening_label,
    initiatives.open_from,
    initiatives.open_until,
    initiatives.relation_label,
    coalesce(participants.cities_n, 0) as cities_n
from {{ ref('dim_initiative') }} as initiatives
left join participants using (wave, initiative_code)
