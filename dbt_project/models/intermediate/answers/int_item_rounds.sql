-- Grain: one row an item × round that tells it (item_code, instrument, round): how it compares, which of a city's
-- records tells it, and whether to stand in no record tells it too.
select
    item_code,
    instrument,
    round,
    coalesce(max(comparability) filter (where comparability <> 'same'), 'same') as comparability,
    coalesce(max(pick) filter (where pick <> 'none'), 'latest') as pick,
    coalesce(bool_or(pick = 'none'), false) as has_none
from {{ source('knowledge', 'item_sources') }}
group by item_code, instrument, round
