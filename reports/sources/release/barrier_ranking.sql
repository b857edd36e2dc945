-- Barriers as each cohort rates them, by how many cities give them at least a level of need, the most frequent first.
select
    cohort_code,
    least_need_level,
    item_code,
    item_label,
    n,
    base_n,
    ranked_value,
    item_rank,
    obs_status
from read_parquet('${release}/gaps/gap_ranking.parquet')
where item_set = 'barriers' and dimension_code = 'all' and ranking_measure <> 'mean'
order by cohort_code, least_need_level, item_rank nulls last, item_label
