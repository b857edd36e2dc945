{#- Rounding half up to a number of decimals; the small addition keeps halves that binary numbers cannot hold. -#}
{% macro half_up(number, decimals) -%}
    floor(({{ number }}) * power(10, {{ decimals }}) + 0.5 + 1e-9) / power(10, {{ decimals }})
{%- endmacro %}
