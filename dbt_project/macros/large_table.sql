{#- A table that grows with answers. DuckDB makes it, or Spark has made it: then it is a view of the Parquet files that
are there, each column with the type that its query has in DuckDB. -#}
{% materialization large_table, adapter='duckdb' %}
    {%- set results = env_var('NEEDS_SPARK_RESULTS', '') -%}
    {%- if not results -%}
        {{ return(dbt.materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set relation = this.incorporate(type='view') -%}
    {%- set files = results ~ '/' ~ this.schema ~ '.db/' ~ this.identifier ~ '/*.parquet' -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- call statement('main') -%}
        create view {{ this.include(database=false) }} as
        select
            {%- for column in adapter.get_column_schema_from_query(compiled_code) %}
                cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from read_parquet('{{ files }}')
    {%- endcall -%}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization large_table, adapter='spark' %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}
