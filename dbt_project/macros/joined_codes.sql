{#- Distinct codes of a group, sorted and joined by '+'; null where there is none. -#}
{% macro joined_codes(code) -%}
    {{ adapter.dispatch('joined_codes')(code) }}
{%- endmacro %}

{% macro default__joined_codes(code) -%}
    string_agg(distinct {{ code }}, '+' order by {{ code }})
{%- endmacro %}

{% macro spark__joined_codes(code) -%}
    nullif(array_join(array_sort(collect_set({{ code }})), '+'), '')
{%- endmacro %}
