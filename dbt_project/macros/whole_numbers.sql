{#- One row a whole number from 1 up to a limit. -#}
{% macro whole_numbers(limit) -%}
    unnest(generate_series(1, cast({{ limit }} as bigint)))
{%- endmacro %}
