{#- What stands in releases for the key of a response, which names a respondent to its platform: a checksum. -#}
{% macro released_key(response_key) -%}
    'respondent-' || left({{ adapter.dispatch('sha256')(response_key) }}, 16)
{%- endmacro %}

{% macro default__sha256(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}
