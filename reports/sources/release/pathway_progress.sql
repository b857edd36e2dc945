-- Who is on which support pathway, what these cities still need, and which initiatives address it.
select
    cohort_code,
    dimension_code,
    member_code,
    pathway_code,
    pathway_label,
    transition_steps,
    n,
    base_n,
    share_pct,
    share_low_pct,
    share_high_pct,
    services,
    open_cities_n,
    asked_cities_n,
    initiatives_n,
    initiatives,
    obs_status
from read_parquet('${release}/gaps/gap_pathway_progress.parquet')
order by cohort_code, dimension_code, member_code, pathway_label
