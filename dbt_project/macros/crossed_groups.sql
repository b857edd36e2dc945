{#- Each city of the cohorts and waves that are asked for, in its group of one grouping and in its group of a second. -#}
{% macro crossed_groups(asked) -%}
    select
        first_groups.wave,
        first_groups.cohort_code,
        first_groups.city_key,
        first_groups.dimension_code,
        first_groups.member_code,
        second_groups.dimension_code as and_dimension_code,
        second_groups.member_code as and_member_code
    from {{ ref('int_group_members') }} as first_groups
    inner join {{ asked }}
        on
            first_groups.dimension_code = {{ asked }}.dimension_code
            and first_groups.cohort_code = coalesce({{ asked }}.cohort_code, first_groups.cohort_code)
            and first_groups.wave = coalesce({{ asked }}.wave, first_groups.wave)
    inner join {{ ref('int_group_members') }} as second_groups
        on
            first_groups.wave = second_groups.wave
            and first_groups.cohort_code = second_groups.cohort_code
            and first_groups.city_key = second_groups.city_key
            and {{ asked }}.and_dimension_code = second_groups.dimension_code
{%- endmacro %}
