-- Grain: one row a need or barrier (need_code).
select
    needs.need_code,
    needs.label,
    needs.theme_code,
    themes.label as theme_label
from {{ source('knowledge', 'needs') }} as needs
inner join {{ source('knowledge', 'themes') }} as themes using (theme_code)
