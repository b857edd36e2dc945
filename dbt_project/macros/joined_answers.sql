{#- Answers of a group as one text, in the order of the questionnaire: only DuckDB knows string_agg with order. -#}
{% macro joined_answers(answer, order) -%}
    string_agg({{ answer }}, '; ' order by {{ order }})
{%- endmacro %}
