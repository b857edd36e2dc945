{#- One row a combination of the grain's columns; none of them is null but those named nullable. -#}
{% test unique_grain(model, columns, nullable=[]) %}
{%- set required = columns | reject('in', nullable) | list %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_n
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ required | join(' is null or ') }} is null
{% endtest %}
