-- Grain: one row a member that a list of a printed report leaves out although other lists name it as part of that
-- (wave, list_id, member).
with lists as (
    select
        lists.wave,
        lists.list_id,
        lists.printed_at,
        lists.says,
        lists.within_list_id,
        {{ printed_order('lists.printed_at') }} as source_order
    from {{ source('knowledge', 'report_lists') }} as lists
),

members as (
    select
        members.wave,
        members.list_id,
        members.member,
        coalesce(needs.label, members.member) as label
    from {{ source('knowledge', 'report_list_members') }} as members
    left join {{ source('knowledge', 'needs') }} as needs on members.member = needs.need_code
),

left_out as (
    select
        whole.wave,
        whole.list_id,
        whole.printed_at as source_label,
        whole.source_order,
        whole.says,
        members.member,
        members.label,
        part.printed_at,
        part.says as part_says,
        part.source_order as part_order
    from lists as part
    inner join lists as whole on part.wave = whole.wave and part.within_list_id = whole.list_id
    inner join members on part.wave = members.wave and part.list_id = members.list_id
    anti join members as present
        on whole.wave = present.wave and whole.list_id = present.list_id and members.member = present.member
)

select
    wave,
    list_id || '.' || member as finding,
    list_id,
    member,
    source_label,
    source_order,
    says || ': ' || label as place,
    'not listed' as printed,
    'other lists' as contradicted_by,
    string_agg(printed_at || ', ' || part_says || ': ' || label, '; or ' order by part_order) as alternatives,
    cast(null as varchar) as cohort_code
from left_out
group by
    wave,
    list_id,
    member,
    source_label,
    source_order,
    says,
    label
