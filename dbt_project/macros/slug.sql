{#- A label as a name that can be typed: lower case, words joined by underscores. -#}
{% macro slug(label) -%}
    {{ adapter.dispatch('slug')(label) }}
{%- endmacro %}

{% macro default__slug(label) -%}
    trim(regexp_replace(lower({{ label }}), '[^a-z0-9]+', '_', 'g'), '_')
{%- endmacro %}

{% macro spark__slug(label) -%}
    trim(both '_' from regexp_replace(lower({{ label }}), '[^a-z0-9]+', '_'))
{%- endmacro %}
