{#- A label as a name that can be typed: lower case, words joined by underscores. Only DuckDB replaces by expression. -#}
{% macro slug(label) -%}
    trim(regexp_replace(lower({{ label }}), '[^a-z0-9]+', '_', 'g'), '_')
{%- endmacro %}
