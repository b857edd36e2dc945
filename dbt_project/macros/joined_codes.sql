{#- Distinct codes of a group, sorted and joined by '+': only DuckDB knows string_agg with distinct and order. -#}
{% macro joined_codes(code) -%}
    string_agg(distinct {{ code }}, '+' order by {{ code }})
{%- endmacro %}
