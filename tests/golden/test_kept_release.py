"""The release of wave 2024 against the one that was kept from before cities were counted (revision 10b9975).

wave_2024.parquet: every count of the cube, the report's cells, the needs by group and the measures, as that release had
them. A change of the model may add numbers; it changes none of these.
"""

from pathlib import Path

import duckdb
from deployments import Deployment

KEPT = Path(__file__).with_name("wave_2024.parquet")
NOW = """
    select 'gap_cube' as source,
        concat_ws('|', cohort_code, item_code, choice_code, dimension_code, member_code) as place,
        n::double as n, base_n::double as base_n, null::double as value
    from '{folder}/gaps/gap_cube.parquet'
    union all
    select 'cells', concat_ws('|', table_id, cohort_code, row_code, column_code), n, base_n, value
    from '{folder}/cells.parquet'
    union all
    select 'gap_need_by_group', concat_ws('|', cohort_code, need_code, dimension_code, member_code), n, base_n,
        mean_need_level
    from '{folder}/gaps/gap_need_by_group.parquet'
    union all
    select 'gap_measure', measure_id, n, base_n, value
    from '{folder}/gaps/gap_measure.parquet'
"""


def test_no_number_of_the_kept_release_has_changed(bundled: Deployment) -> None:
    now = NOW.format(folder=bundled.releases / "2024.0" / "internal")
    changed = duckdb.sql(f"select * from '{KEPT}' except all ({now}) order by all").fetchall()
    assert changed == []
    assert duckdb.sql(f"select count(*) from '{KEPT}'").fetchone() == (24798,)


def test_nothing_but_measures_and_merged_classes_has_been_added(bundled: Deployment) -> None:
    now = NOW.format(folder=bundled.releases / "2024.0" / "internal")
    merges = duckdb.sql(f"select merged_item_code from read_csv('{bundled.seeds / 'class_merges.csv'}')").fetchall()
    merged = {code for (code,) in merges}
    added = duckdb.sql(f"select source, place from (({now}) except all select * from '{KEPT}')").fetchall()
    others = {(source, place) for source, place in added if not merged & set(place.split("|"))}
    assert {source for source, _ in others} <= {"gap_measure"}
    assert {source for source, _ in added} == {"gap_measure", "gap_cube"}
