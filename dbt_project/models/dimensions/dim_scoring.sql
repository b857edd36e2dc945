-- Grain: one row a scoring version (scoring_version).
select
    scoring_version,
    label,
    is_default = 'yes' as is_default,
    description as scoring_description
from {{ source('knowledge', 'scorings') }}
