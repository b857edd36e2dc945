{#- A number as a text without the decimals of a whole one. -#}
{% macro number_text(number) -%}
    case
        when {{ number }} = floor({{ number }}) then cast(cast({{ number }} as bigint) as string)
        else cast({{ number }} as string)
    end
{%- endmacro %}
