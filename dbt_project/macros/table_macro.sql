{#- A model that is a table macro: a query with parameters, kept in the database file for analysts to call.
    The file's name is left out of the kept text: a database is put in place under another name than it is built under. -#}
{% materialization table_macro, adapter='duckdb' %}
    {%- set name = this.include(database=false) -%}
    {% call statement('main') -%}
        create or replace macro {{ name }}({{ config.require('parameters') }}) as table
        {{ sql | replace(adapter.quote(this.database) ~ '.', '') }}
    {%- endcall %}
    {% call statement('comment') -%}
        comment on macro table {{ name }} is '{{ model.description | trim | replace("'", "''") }}'
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
