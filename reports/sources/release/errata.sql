-- Where the printed report contradicts itself or real data, in the order of print.
select
    source_label,
    place || coalesce('; or ' || alternatives, '') as place,
    printed,
    contradicted_by,
    expected_value,
    severity,
    explanation,
    rule_label
from read_parquet('${release}/gaps/gap_errata.parquet')
order by position, erratum_id
