{#- Rows of several models, one below the other, each with the part of its name after `prefix` as `rule_code`. A column
that a model lacks is null: only DuckDB unites by name. -#}
{% macro stacked(prefix, suffixes) -%}
{%- for suffix in suffixes %}
    select
        '{{ suffix }}' as rule_code,
        *
    from {{ ref(prefix ~ suffix) }}
    {% if not loop.last %}union all by name{% endif %}
{%- endfor %}
{%- endmacro %}
