{#- A table that grows with answers. DuckDB makes it in place, or Spark has made it: then it is a view of the Parquet files
that are there, each column with the type that its query has in DuckDB. -#}
{% materialization large_table, adapter='duckdb' %}
    {%- set results = env_var('NEEDS_SPARK_RESULTS', '') -%}
    {%- set before = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type='view' if results else 'table') -%}
    {%- if before is not none -%}
        {%- do drop_relation(before) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {%- if results -%}
            {{- duckdb__create_view_as(relation, spark_result(results, compiled_code)) }}
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
