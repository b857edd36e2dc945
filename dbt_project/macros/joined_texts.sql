{#- Texts of a group as one, in an order; of rows that a condition is true of. -#}
{% macro joined_texts(text, order, separator='; ', condition=none) -%}
    {{ adapter.dispatch('joined_texts')(text, order, separator, condition) }}
{%- endmacro %}

{% macro default__joined_texts(text, order, separator, condition) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order }})
    {%- if condition %} filter (
        where {{ condition }}
    )
    {%- endif -%}
{%- endmacro %}

{% macro spark__joined_texts(text, order, separator, condition) -%}
    nullif(
        array_join(
            transform(
                array_sort(
                    collect_list(struct({{ order }}, {{ text }} as joined_text)) filter (
                        where {{ text }} is not null and ({{ condition or 'true' }})
                    )
                ),
                part -> part.joined_text
            ),
            '{{ separator }}'
        ),
        ''
    )
{%- endmacro %}
