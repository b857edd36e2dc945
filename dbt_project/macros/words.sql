{#- One row a word of a text of words with one space between them. -#}
{% macro words(text) -%}
    {{ adapter.dispatch('words')(text) }}
{%- endmacro %}

{% macro default__words(text) -%}
    unnest(split({{ text }}, ' '))
{%- endmacro %}

{% macro spark__words(text) -%}
    explode(split({{ text }}, ' '))
{%- endmacro %}
