-- Grain: one row a European region of EuroVoc 7206 (region_code).
select
    choice_code as region_code,
    label,
    position
from {{ source('knowledge', 'scales') }}
where scale_code = 'region'
