{#- The place of a label such as `Line 441`, `Table 1` or `Figure 21` in the order of print: as in int_published_numbers. -#}
{% macro printed_order(label) -%}
cast(regexp_extract({{ label }}, '[0-9]+$') as integer)
+ case when {{ label }} like 'Line %' then 10000 when {{ label }} like 'Figure %' then 1000 else 0 end
{%- endmacro %}
