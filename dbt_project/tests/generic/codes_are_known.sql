{#- Every code that a table of knowledge names exists where it is defined; a row is a code that does not. One test for
all foreign keys: a node takes longer than all of them (docs/decisions/2026-11-29-one-test-for-all-foreign-keys.md).

A key: `from` a table of knowledge, its `columns`, `to` a table of knowledge or a ref, and `named_by`, the column that
says which row it is. Optional: `fields`, the columns of `to` if they have other names; `where`, on `from`; `to_where`,
on `to`. A code that is null is unknown. -#}
{% test codes_are_known(model, keys) %}
    {%- for key in keys %}
        select
            '{{ key.from }}.{{ key.columns | last }}' as place,
            cast(named.{{ key.named_by }} as varchar) as named_by,
            concat_ws('.', named.{{ key.columns | join(', named.') }}) as code,
            '{{ key.to if key.to is string else key.to.identifier }}' as not_in
        from {{ source('knowledge', key.from) }} as named
        where
            ({{ key.where or 'true' }})
            and not exists (
                select 1 as found
                from {{ source('knowledge', key.to) if key.to is string else key.to }} as known
                where
                    ({{ key.to_where or 'true' }})
                    {%- for column in key.columns %}
                        and known.{{ (key.fields or key.columns)[loop.index0] }} = named.{{ column }}
                    {%- endfor %}
            )
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endtest %}
