-- Grain: one row a scoring version (scoring_version).
select
    scoring_version,
    index_family,
    label,
    is_default = 'yes' as is_default,
    description as scoring_description
from {{ source('knowledge', 'scorings') }}
