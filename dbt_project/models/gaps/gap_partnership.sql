-- Grain: one row a wave × cohort × initiative × need that it addresses (wave, cohort_code, initiative_code, need_code): its
-- relation to NetZeroCities, how many cities it reaches, and how many of these have the need. Existing partnerships with
-- many cities in need are those to exploit first. How many of them have the need is told inside alone: initiatives share
-- cities that everybody knows, so that two such counts would tell of the few in which they differ. An initiative that addresses no need has one row of the need `none`.
with reached as (
    select
        wave,
        cohort_code,
        item_code,
        choice_code as initiative_code,
        n as reached_n,
        base_n as reached_base_n,
        share_pct as reached_pct
    from {{ ref('gap_initiative_by_cohort') }}
    where attribute = 'initiative' and dimension_code = 'all'
),

in_need as (
    select
        support.wave,
        support.cohort_code,
        initiatives.initiative_code,
        support.need_code,
        count(*) filter (where support.is_need and own.city_key is not null) as need_n,
        count(*) filter (where own.city_key is not null) as need_base_n,
        count(*) filter (where support.is_need and own.city_key is null) as others_need_n,
        count(*) filter (where own.city_key is null) as others_need_base_n
    from {{ ref('int_need_support') }} as support
    inner join {{ source('knowledge', 'initiative_needs') }} as initiatives using (need_code)
    left join {{ ref('int_city_initiatives') }} as own
        on
            support.wave = own.wave
            and support.cohort_code = own.cohort_code
            and support.city_key = own.city_key
            and initiatives.initiative_code = own.initiative_code
    group by support.wave, support.cohort_code, initiatives.initiative_code, support.need_code
)

select
    reached.wave,
    reached.cohort_code,
    initiatives.initiative_code,
    initiatives.label as initiative_label,
    initiatives.kind_label,
    initiatives.relation,
    initiatives.relation_label,
    initiatives.opening_label,
    reached.item_code,
    coalesce(needs.need_code, 'none') as need_code,
    coalesce(needs.label, 'No need is assigned') as need_label,
    links.basis as need_basis,
    reached.reached_n,
    reached.reached_base_n,
    reached.reached_pct,
    in_need.need_n,
    in_need.need_base_n,
    in_need.others_need_n,
    in_need.others_need_base_n,
    {{ percent('in_need.need_n', 'in_need.need_base_n') }} as need_pct
from reached
inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
left join {{ source('knowledge', 'initiative_needs') }} as links on initiatives.initiative_code = links.initiative_code
left join {{ ref('dim_need') }} as needs on links.need_code = needs.need_code
left join in_need
    on
        reached.wave = in_need.wave
        and reached.cohort_code = in_need.cohort_code
        and reached.initiative_code = in_need.initiative_code
        and links.need_code = in_need.need_code
