-- Grain: one row a wave × city × section × line (wave, city_key, section_position, position): the page of a city. Of
-- fewer cities than evidence asks for no median is told, for the page is handed to another city.
with limits as (
    {{ evidence_limits() }}
),

answers as (
    select
        answers.wave,
        answers.city_key,
        case items.theme_code when 'profile' then 1 when 'climate_target' then 2 else 3 end as section_position,
        case items.theme_code
            when 'profile' then 'About the city'
            when 'climate_target' then 'Climate target'
            else 'What the city said'
        end as section_label,
        answers.item_code as code,
        items.label,
        answers.value_text,
        answers.value_number,
        case when answers.size_class_base_n >= limits.base_min then answers.size_class_median end as size_class_median,
        answers.size_class_base_n,
        case when answers.region_base_n >= limits.base_min then answers.region_median end as region_median,
        answers.region_base_n,
        cast(null as varchar) as reason,
        row_number() over (
            partition by answers.wave, answers.city_key
            order by themes.position, items.item_set nulls first, items.label, answers.item_code
        ) as line_order
    from {{ ref('int_profile_answers') }} as answers
    inner join {{ ref('dim_item') }} as items using (item_code)
    inner join {{ ref('dim_theme') }} as themes using (theme_code)
    cross join limits
),

plain_lines as (
    select
        ranked.wave,
        ranked.city_key,
        4 as section_position,
        'Needs, the greatest first' as section_label,
        ranked.need_code as code,
        needs.label,
        cast(null as varchar) as value_text,
        cast(ranked.need_level as double) as value_number,
        cast(ranked.n as varchar) || ' of ' || cast(ranked.base_n as varchar) || ' cities have it' as reason,
        ranked.need_rank as line_order
    from {{ ref('int_profile_needs') }} as ranked
    inner join {{ ref('dim_need') }} as needs using (need_code)
    union all
    select
        readiness.wave,
        readiness.city_key,
        5 as section_position,
        'Readiness' as section_label,
        readiness.index_code as code,
        indices.label,
        coalesce(levels.label, 'Not known') as value_text,
        readiness.index_value as value_number,
        {{ number_text('round(readiness.index_value, 1)') }} || ' of 100' as reason,
        indices.position as line_order
    from {{ ref('fct_city_readiness') }} as readiness
    inner join {{ ref('int_profiled_cities') }} using (wave, cohort_code, city_key)
    inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
    inner join {{ ref('dim_index') }} as indices using (index_code)
    left join {{ source('knowledge', 'readiness_levels') }} as levels using (index_code, level_code)
    where scorings.is_default
    union all
    select
        recommended.wave,
        recommended.city_key,
        6 as section_position,
        'Support pathways recommended to it' as section_label,
        recommended.pathway_code as code,
        pathways.label,
        cast(recommended.pathway_rank as varchar) || '.' as value_text,
        cast(recommended.pathway_rank as double) as value_number,
        recommended.reasons as reason,
        row_number() over (
            partition by recommended.wave, recommended.city_key
            order by recommended.pathway_rank, pathways.label, recommended.pathway_code
        ) as line_order
    from {{ ref('fct_city_pathway') }} as recommended
    inner join {{ ref('int_profiled_cities') }} using (wave, cohort_code, city_key)
    inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
    inner join {{ ref('dim_pathway') }} as pathways using (pathway_code)
    where scorings.is_default
    union all
    select
        offers.wave,
        offers.city_key,
        case offers.offer_kind when 'service' then 7 else 8 end as section_position,
        case offers.offer_kind
            when 'service' then 'Services open to it for its first needs'
            else 'Initiatives open to it for its first needs'
        end as section_label,
        offers.offer_code as code,
        offers.label,
        cast(null as varchar) as value_text,
        cast(null as double) as value_number,
        offers.needs as reason,
        row_number() over (
            partition by offers.wave, offers.city_key, offers.offer_kind
            order by offers.needs_n desc, offers.first_need_rank asc, offers.label asc, offers.offer_code asc
        ) as line_order
    from {{ ref('int_profile_offers') }} as offers
    union all
    select
        panel.wave,
        panel.city_key,
        9 as section_position,
        'What changed since the last round' as section_label,
        panel.need_code as code,
        needs.label,
        case when panel.is_need then 'a need now' else 'no need any more' end as value_text,
        cast(null as double) as value_number,
        'since wave ' || panel.base_wave as reason,
        row_number() over (
            partition by panel.wave, panel.city_key
            order by panel.is_need desc, needs.label asc, panel.need_code asc
        ) as line_order
    from {{ ref('int_need_panel') }} as panel
    inner join {{ ref('int_profiled_cities') }} using (wave, cohort_code, city_key)
    inner join {{ ref('int_need_comparability') }} as comparable using (wave, base_wave, cohort_code, need_code)
    inner join {{ ref('dim_need') }} as needs using (need_code)
    where
        panel.is_need <> panel.was_need
        and comparable.comparability in ('same', 'reworded', 'other source')
    union all
    select
        uses.wave,
        uses.city_key,
        10 as section_position,
        'Services it came to' as section_label,
        uses.service_code || '/' || uses.module_code as code,
        services.label,
        steps.label as value_text,
        cast(null as double) as value_number,
        modules.label as reason,
        row_number() over (
            partition by uses.wave, uses.city_key
            order by uses.step_position desc, services.position asc, modules.position asc, uses.module_code asc
        ) as line_order
    from {{ ref('fct_service_use') }} as uses
    inner join {{ ref('dim_service') }} as services using (service_code)
    inner join {{ source('knowledge', 'service_steps') }} as steps on uses.step_position = steps.position
    left join {{ source('knowledge', 'service_modules') }} as modules on uses.module_code = modules.module_code
    union all
    select
        taken.wave,
        taken.city_key,
        11 as section_position,
        'Initiatives it takes part in' as section_label,
        taken.initiative_code as code,
        initiatives.label,
        initiatives.kind_label as value_text,
        cast(null as double) as value_number,
        cast(null as varchar) as reason,
        row_number() over (
            partition by taken.wave, taken.city_key
            order by initiatives.label, taken.initiative_code
        ) as line_order
    from {{ ref('int_city_initiatives') }} as taken
    inner join {{ ref('int_profiled_cities') }} using (wave, cohort_code, city_key)
    inner join {{ ref('dim_initiative') }} as initiatives using (wave, initiative_code)
),

lines as (
    select
        wave,
        city_key,
        section_position,
        section_label,
        code,
        label,
        value_text,
        value_number,
        size_class_median,
        size_class_base_n,
        region_median,
        region_base_n,
        reason,
        line_order
    from answers
    union all
    select
        wave,
        city_key,
        section_position,
        section_label,
        code,
        label,
        value_text,
        value_number,
        null as size_class_median,
        null as size_class_base_n,
        null as region_median,
        null as region_base_n,
        reason,
        line_order
    from plain_lines
)

select
    lines.wave,
    profiled.cohort_code,
    lines.city_key,
    cities.city_name,
    lines.section_position,
    lines.section_label,
    row_number() over (
        partition by lines.wave, lines.city_key, lines.section_position
        order by lines.line_order
    ) as position,
    lines.code,
    lines.label,
    lines.value_text,
    lines.value_number,
    lines.size_class_median,
    lines.size_class_base_n,
    lines.region_median,
    lines.region_base_n,
    lines.reason
from lines
inner join {{ ref('int_profiled_cities') }} as profiled using (wave, city_key)
inner join {{ ref('dim_city') }} as cities using (city_key)
