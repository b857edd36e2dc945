"""Parts of a release for readers who ask: each file has the rows of its value, and nothing else."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.site.parts import write_parts

ROWS = [
    {"item": "size", "wave": "2031", "label": "Größe, “big”", "n": 4},
    {"item": "plans", "wave": "2030", "label": "Plans", "n": None},
    {"item": "size", "wave": "2030", "label": "Size", "n": 0},
]


def test_each_value_of_the_first_column_has_its_file(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "cube.parquet")
    sources, parts = tmp_path / "sources" / "release", tmp_path / "parts"
    sources.mkdir(parents=True)
    parts.mkdir()
    (sources / "counts.sql").write_text("select * from read_parquet('${release}/cube.parquet')\n-- ends with $\n")
    (parts / "cube.sql").write_text("select item as part, wave, label, n from counts order by item, wave")
    write_parts(tmp_path, tmp_path / "static", {"release": str(tmp_path)})
    assert {path.name for path in (tmp_path / "static" / "cube").iterdir()} == {"plans.json", "size.json"}
    assert json.loads((tmp_path / "static" / "cube" / "size.json").read_text(encoding="utf-8")) == {
        "columns": ["wave", "label", "n"],
        "rows": [["2030", "Size", 0], ["2031", "Größe, “big”", 4]],
    }
