{#- A count never exceeds the count that it is a part of: `limits` such as `n <= base_n`. One test a model, for a node
takes longer than what it asks (docs/decisions/2026-11-29-one-test-for-all-foreign-keys.md). -#}
{% test not_above(model, limits) %}
    {%- for limit in limits %}
        {%- set part, whole = limit.split(' <= ') %}
        select '{{ limit }}' as broken_limit, {{ part }} as part_n, {{ whole }} as whole_n
        from {{ model }}
        where {{ part }} > {{ whole }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endtest %}
