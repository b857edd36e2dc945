{#- One row a word of a text of words with one space between them. -#}
{% macro words(text) -%}
    unnest(string_split({{ text }}, ' '))
{%- endmacro %}
