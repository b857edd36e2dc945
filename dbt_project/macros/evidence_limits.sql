{#- Limits of the rules of evidence, in one row: which base is too few, which p is weak and which is clear. -#}
{% macro evidence_limits() -%}
    select
        max(value) filter (where threshold_code = 'evidence_base_min') as base_min,
        max(value) filter (where threshold_code = 'evidence_adjusted_p') as adjusted_p,
        max(value) filter (where threshold_code = 'evidence_p') as p
    from {{ source('knowledge', 'thresholds') }}
{%- endmacro %}
