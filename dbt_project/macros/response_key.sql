{#- The key of a response over all rounds. -#}
{% macro response_key(instrument, round, response_id) -%}
    {{ instrument }} || '.' || {{ round }} || '.' || {{ response_id }}
{%- endmacro %}
