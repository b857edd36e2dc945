-- Words of the codes in every wave, in their order.
select
    wave,
    label_kind,
    parent_code,
    code,
    label,
    position,
    definition
from read_parquet('${waves}/gaps/gap_label.parquet', union_by_name = true)
order by wave, label_kind, parent_code, position, code
