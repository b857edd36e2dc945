-- Every cell of every report table and figure in the order of print, with its base, its interval, whether it is hidden, and
-- where its answer stands on its scale.
select
    cells.file_row_number as position,
    cells.source,
    cells.number,
    cells.cohort_code,
    cells.row_code,
    cells.row_label,
    cells.column_code,
    cells.column_label,
    cells.choice_code,
    cells.member_code,
    cells.measure_code,
    cells.value,
    cells.n,
    cells.base_n,
    cells.answered_n,
    cells.share_pct,
    cells.share_low_pct,
    cells.share_high_pct,
    labels.position as choice_position,
    labels.need_level,
    cells.obs_status
from read_parquet('${release}/cells.parquet', file_row_number = true) as cells
left join read_parquet('${release}/gaps/gap_label.parquet') as labels
    on
        labels.label_kind = 'choice'
        and cells.wave = labels.wave
        and cells.item_code = labels.parent_code
        and cells.choice_code = labels.code
order by cells.file_row_number
