-- Questions that rate a barrier: those of the ranking of barriers.
select distinct item_code
from read_parquet('${release}/gaps/gap_ranking.parquet')
where item_set = 'barriers'
order by item_code
