{#- A share in percent, null where the base is empty; four decimals keep every fraction of a cohort apart. -#}
{% macro percent(numerator, denominator) -%}
    round(100.0 * {{ numerator }} / nullif({{ denominator }}, 0), 4)
{%- endmacro %}
