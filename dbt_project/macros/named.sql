{#- What an analyst writes as an argument of a table macro, read as a code: an expression that is the code, null for no
    argument, and an error that says what there is for a name that is none. In a table macro a column without its table
    would be read as the argument of that name: `waves.wave`, not `wave`. -#}

{#- An item: its code, its label or the beginning of it, or the need that it asks about; the first that fits one item. -#}
{% macro item_named(name) -%}
    coalesce(
        (
            select min(named.item_code)
            from (
                select
                    items.item_code,
                    {{ closeness('items', name) }} as closeness,
                    min({{ closeness('items', name) }}) over () as closest
                from {{ ref('dim_item') }} as items
            ) as named
            where named.closeness = named.closest
            having count(*) = 1
        ),
        error('No single item is named ''' || coalesce({{ name }}, 'null') || '''. Near are: ' || (
            select coalesce(string_agg(near.item_name, ', ' order by near.place), 'none')
            from (
                select
                    items.item_code || ' (' || left(items.slug, 40) || ')' as item_name,
                    row_number() over (
                        order by
                            {{ closeness('items', name) }} asc nulls last,
                            greatest(
                                jaro_winkler_similarity(left(items.slug, length({{ name }})), {{ slug(name) }}),
                                jaro_winkler_similarity(items.item_code, {{ slug(name) }})
                            ) desc,
                            items.item_code asc
                    ) as place
                from {{ ref('dim_item') }} as items
            ) as near
            where near.place <= 5
        ) || '. Choices, needs and questions are found by find(''words'')')
    )
{%- endmacro %}

{#- What a word means to `gap`: the item that it names, or else the need that has no item of its own name. -#}
{% macro need_or_item_named(name, kind) -%}
    {%- set need -%}
        (
            select min(needs.need_code)
            from {{ ref('dim_need') }} as needs
            where
                {{ slug(name) }} in (needs.need_code, {{ slug('needs.label') }})
                and not exists (select 1 from {{ ref('dim_item') }} as items where {{ closeness('items', name) }} <= 3)
        )
    {%- endset -%}
    {%- if kind == 'need' -%} {{ need }}
    {%- else -%} case when {{ need }} is null then {{ item_named(name) }} end
    {%- endif -%}
{%- endmacro %}

{#- How well a name fits an item, 1 best; null where it does not. -#}
{% macro closeness(items, name) -%}
    case
        when {{ items }}.item_code = {{ slug(name) }} then 1
        when {{ items }}.slug = {{ slug(name) }} then 2
        when {{ items }}.need_code = {{ slug(name) }} then 3
        when starts_with({{ items }}.slug, {{ slug(name) }}) then 4
    end
{%- endmacro %}

{#- A dimension to group by: `all`, or an item that tables can be grouped by. -#}
{% macro dimension_named(name) -%}
    {{ code_named(
        name,
        'dimension to group by',
        "(select 'all' as code union all select items.item_code as code from " ~ ref('dim_item')
        ~ " as items where items.is_dimension)"
    ) }}
{%- endmacro %}

{% macro cohort_named(name) -%}
    {{ code_named(name, 'cohort', "(select cohorts.cohort_code as code from " ~ ref('dim_cohort') ~ " as cohorts)") }}
{%- endmacro %}

{#- A wave, as a text or as a number. -#}
{% macro wave_named(name) -%}
    {{ code_named(name, 'wave', "(select waves.wave as code from " ~ ref('dim_wave') ~ " as waves)") }}
{%- endmacro %}

{% macro item_set_named(name) -%}
    {{ code_named(
        name, 'set of items', "(select distinct items.item_set as code from " ~ ref('dim_item') ~ " as items)"
    ) }}
{%- endmacro %}

{% macro measure_named(name) -%}
    {{ code_named(
        name, 'measure', "(select distinct ranked.ranking_measure as code from " ~ ref('gap_ranking') ~ " as ranked)"
    ) }}
{%- endmacro %}

{#- One of the codes of a query, upper or lower case. -#}
{% macro code_named(name, kind, codes) -%}
    coalesce(
        (select known.code from {{ codes }} as known where lower(known.code) = lower(cast({{ name }} as varchar))),
        case
            when {{ name }} is not null
                then error('No {{ kind }} is named ''' || cast({{ name }} as varchar) || '''. There are: ' || (
                    select coalesce(string_agg(known.code, ', ' order by known.code), 'none') from {{ codes }} as known
                ))
        end
    )
{%- endmacro %}
