{#- A view a round, with a column a question: the model is the list of them. -#}
{% materialization view_a_round, adapter='duckdb' %}
    {%- set rounds, own = {}, model.columns.keys() | list -%}
    {%- for row in run_query(sql).rows -%}
        {%- set questions = rounds.setdefault((row['instrument'], row['round']), []) -%}
        {#- DuckDB's names are the same in capitals. -#}
        {%- set taken = (own + questions | map(attribute=0) | list) | map('lower') | list -%}
        {%- set name = row['question_code'] ~ ('_' if row['question_code'] | lower in taken else '') -%}
        {%- do questions.append((name, row['question_code'], row['label'])) -%}
    {%- endfor -%}
    {% call statement('main') -%}
        {%- for (instrument, round), questions in rounds.items() %}
            {%- set name = this.schema ~ '.' ~ quoted([this.identifier, instrument, round] | join('_')) %}
            create or replace view {{ name }} as
            select
                {{ own | join(', ') }}
                {%- for column, code, _ in questions %},
                {{ joined_texts('answer', 'choice_code', condition="question_code = '" ~ code | replace("'", "''") ~ "'") }}
                    as {{ quoted(column) }}
                {%- endfor %}
            from {{ this.schema }}.answers
            where instrument = '{{ instrument }}' and round = '{{ round }}'
            group by {{ own | join(', ') }};
            {{ commented('view', name, model.description) }}
            {%- for column in own %}
                {{ commented('column', name ~ '.' ~ column, model.columns[column].description) }}
            {%- endfor %}
            {%- for column, _, label in questions %}
                {{ commented('column', name ~ '.' ~ quoted(column), label) }}
            {%- endfor %}
        {%- endfor %}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': []}) }}
{% endmaterialization %}

{% macro commented(kind, name, comment) -%}
    comment on {{ kind }} {{ name }} is '{{ comment | string | trim | replace("'", "''") }}';
{%- endmacro %}

{% macro quoted(name) -%}
    "{{ name | replace('"', '""') }}"
{%- endmacro %}
