-- To how many cities each support pathway is recommended, against the places of its modules, by the scoring to quote;
-- internal releases alone.
select
    cohort_code,
    dimension_code,
    member_code,
    pathway_code,
    pathway_label,
    n,
    first_n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    places_n,
    is_unlimited,
    unplaced_n
from read_parquet('${release}/gaps/gap_pathway_demand.parquet')
where is_default
order by cohort_code asc, dimension_code asc, member_code asc, n desc, pathway_label asc
