-- Grain: one row a wave × cohort × grouping dimension × member × scoring version × pathway (wave, cohort_code,
-- dimension_code, member_code, scoring_version, pathway_code): cities that it is recommended to, against the places
-- that its modules offer. Places are for all cities: what a group lacks, it lacks even where no other city comes.
select
    counts.wave,
    counts.cohort_code,
    counts.dimension_code,
    counts.member_code,
    counts.scoring_version,
    scorings.is_default,
    counts.pathway_code,
    pathways.label as pathway_label,
    counts.n,
    counts.first_n,
    counts.base_n,
    {{ percent('counts.n', 'counts.base_n') }} as share_pct,
    intervals.share_low_pct,
    intervals.share_high_pct,
    places.places_n,
    places.is_unlimited,
    case when not places.is_unlimited then greatest(counts.n - places.places_n, 0) end as unplaced_n
from {{ ref('int_pathway_counts') }} as counts
inner join {{ ref('dim_scoring') }} as scorings using (scoring_version)
inner join {{ ref('dim_pathway') }} as pathways using (pathway_code)
left join {{ ref('int_pathway_places') }} as places
    on counts.wave = places.wave and counts.pathway_code = places.pathway_code
left join {{ ref('int_share_intervals') }} as intervals
    on counts.n = intervals.n and counts.base_n = intervals.base_n
