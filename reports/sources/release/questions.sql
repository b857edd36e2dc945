-- Questions of the cube of every wave: the theme that each belongs to, by how many groupings, and how much of it is shown.
select
    cube.wave,
    cube.item_code,
    labels.label,
    labels.parent_code as theme_code,
    count(distinct cube.dimension_code) as dimensions_n,
    100.0 * count(cube.n) / count(*) as shown_pct
from read_parquet('${waves}/gaps/gap_cube.parquet', union_by_name = true) as cube
inner join read_parquet('${waves}/gaps/gap_label.parquet', union_by_name = true) as labels
    on cube.wave = labels.wave and cube.item_code = labels.code and labels.label_kind in ('item', 'dimension')
group by cube.wave, cube.item_code, labels.label, labels.parent_code
order by cube.wave desc, labels.label
