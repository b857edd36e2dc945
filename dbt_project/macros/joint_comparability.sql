{# How far two sides were asked alike: what either says that is not `same`. #}
{% macro joint_comparability(own, other) -%}
    case when {{ own }}.comparability = 'same' then {{ other }}.comparability else {{ own }}.comparability end
{%- endmacro %}
