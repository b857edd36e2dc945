{#- A layer's schema is its folder's name, without a target prefix: analysts write gaps.gap_cube. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
