-- Grain: one row a theme (theme_code).
select
    theme_code,
    label,
    chapter,
    position
from {{ source('knowledge', 'themes') }}
