{#- A table that takes the place of what was there, in one transaction and without a copy under another name: the build file is new
    for each build, and nobody reads it before the build is checked. dbt-duckdb's own asks for the names of all tables and renames
    twice, which is a third of what a small model costs. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set before = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- if before is not none -%}
        {%- do drop_relation(before) -%}
    {%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {{- create_table_as(False, table, compiled_code, model['language']) }}
    {%- endcall -%}
    {%- do persist_docs(table, model) -%}
    {{ adapter.commit() }}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}


{#- Comments on a table or view and on all of its columns, which are those of its model, in one statement. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- call statement('comments') -%}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
        {% for column in model.columns.values() -%}
            comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
        {% endfor %}
    {%- endcall -%}
{% endmacro %}
