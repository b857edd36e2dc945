{#- A share in percent, null where the base is empty; four decimals keep every fraction of a cohort apart. -#}
{% macro percent(numerator, denominator) -%}
    round(cast(100 as double) * {{ numerator }} / nullif({{ denominator }}, 0), 4)
{%- endmacro %}
