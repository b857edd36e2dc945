-- Answers to every question of the release, whole and by city size, climate target and region.
select
    cube.cohort_code,
    cube.item_code,
    cube.choice_code,
    cube.dimension_code,
    cube.member_code,
    cube.n,
    cube.base_n,
    cube.share_pct,
    cube.share_low_pct,
    cube.share_high_pct,
    labels.position as choice_position,
    labels.need_level,
    cube.obs_status
from read_parquet('${release}/gaps/gap_cube.parquet') as cube
left join read_parquet('${release}/gaps/gap_label.parquet') as labels
    on
        labels.label_kind = 'choice'
        and cube.wave = labels.wave
        and cube.item_code = labels.parent_code
        and cube.choice_code = labels.code
where cube.choice_kind = 'level'
order by cube.cohort_code, cube.item_code, cube.dimension_code, cube.member_code, cube.choice_code
