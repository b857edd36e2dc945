{#- A count never exceeds the count it is a part of. -#}
{% test not_above(model, column_name, limit_column) %}
    select {{ column_name }}, {{ limit_column }}
    from {{ model }}
    where {{ column_name }} > {{ limit_column }}
{% endtest %}
