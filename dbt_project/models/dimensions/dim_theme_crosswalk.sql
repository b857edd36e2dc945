-- Grain: one row a theme of another scheme (scheme, position): D13.1, chapter 2, Table 37 or the pathways.
select
    crosswalk.scheme,
    crosswalk.position,
    crosswalk.theme_label,
    crosswalk.theme_code
from {{ source('knowledge', 'theme_crosswalk') }} as crosswalk
