{#- A table that grows with answers. DuckDB makes it in place, or Spark has made it: then it is read from the Parquet files that
are there, each column with the type that its query has in DuckDB. No view of them: a table macro whose parameter has the
name of a column cannot read a view. -#}
{% materialization large_table, adapter='duckdb' %}
    {%- set results = env_var('NEEDS_SPARK_RESULTS', '') -%}
    {%- set before = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- if before is not none -%}
        {%- do drop_relation(before) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {%- if results -%}
            {{- create_table_as(False, relation, spark_result(results, compiled_code)) }}
        {%- else -%}
            {{- create_table_as(False, relation, compiled_code) }}
        {%- endif -%}
    {%- endcall -%}
    {%- do persist_docs(relation, model) -%}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization large_table, adapter='spark' %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}

{% macro spark_result(results, query) -%}
    select
        {%- for column in adapter.get_column_schema_from_query(query) %}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from read_parquet('{{ results }}/{{ this.schema }}.db/{{ this.identifier }}/*.parquet')
{%- endmacro %}
