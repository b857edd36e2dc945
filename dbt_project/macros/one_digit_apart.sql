{#- Two whole numbers of one length that differ in one digit and by more than rounding: a slip of the keyboard. -#}
{% macro one_digit_apart(printed, expected) -%}
    abs({{ printed }} - {{ expected }}) >= 5
    and length(cast(cast({{ printed }} as bigint) as varchar)) = length(cast(cast({{ expected }} as bigint) as varchar))
    and hamming(cast(cast({{ printed }} as bigint) as varchar), cast(cast({{ expected }} as bigint) as varchar)) = 1
{%- endmacro %}
