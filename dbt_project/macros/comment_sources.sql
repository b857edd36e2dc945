{#- Comments on what is loaded before dbt runs, the schemas `landing` and `knowledge`: of a table what its source says, of
    a column what every model of that column says, for it means the same; words of their own have what _sources.yml says. -#}
{% macro comment_sources() -%}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ('build', 'run') -%}
        {%- set words = {} -%}
        {%- for node in graph.sources.values() | list + graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
            {%- for column in node.columns.values() if column.description -%}
                {%- do words.setdefault(column.name, column.description) -%}
            {%- endfor -%}
        {%- endfor -%}
        {#- One that has a comment keeps it: landings tells the run that built. -#}
        {%- set untold = run_query(
            "select schema_name || '.' || table_name as name from duckdb_tables() where comment is null"
        ).columns[0].values() -%}
        {%- for source in graph.sources.values() if source.schema ~ '.' ~ source.identifier in untold %}
            {{ commented('table', source.schema ~ '.' ~ source.identifier, source.description) }}
        {%- endfor -%}
        {%- for row in run_query(
            "select schema_name, table_name, column_name from duckdb_columns() where schema_name in ('landing', 'knowledge')"
        ).rows if row['column_name'] in words %}
            {{ commented(
                'column',
                [row['schema_name'], row['table_name'], quoted(row['column_name'])] | join('.'),
                words[row['column_name']]
            ) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
