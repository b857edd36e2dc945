{#- A view that does not name the file it is built in: a database is put in place under another name. -#}
{% macro duckdb__create_view_as(relation, sql) -%}
    create view {{ relation }} as (
        {{ sql | replace(adapter.quote(relation.database) ~ '.', '') }}
    );
{%- endmacro %}
