{# Columns of one initiative from its rows of int_initiative_facts: the choice of a question with its label, and all
choices of one in words. -#}
{% macro one_choice(question) -%}
    max(facts.choice_code) filter (where facts.question_code = '{{ question }}') as {{ question }},
    max(facts.choice_label) filter (where facts.question_code = '{{ question }}') as {{ question }}_label
{%- endmacro %}

{% macro all_choices(question) -%}
    {{ joined_texts(
        'facts.choice_label', 'facts.position', condition="facts.question_code = '" ~ question ~ "'"
    ) }} as {{ question }}
{%- endmacro %}
