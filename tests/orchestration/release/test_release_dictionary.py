"""`dictionary.csv`: one row a table × column."""

import csv
from pathlib import Path

from metadata_cases import Drafted

from orchestration.release.dictionary import DICTIONARY_COLUMNS, dictionary_rows, write_dictionary


def test_report_tables_stand_once_and_every_column_of_the_others(draft: Drafted) -> None:
    rows = dictionary_rows(draft.describe())
    assert [row["table"] for row in rows] == ["cells"] * 7 + ["tables/*"] * 7 + ["gaps/gap_need"] * 5
    assert rows[-2] == {
        "table": "gaps/gap_need",
        "column": "verdict",
        "position": 4,
        "type": "string",
        "unit": None,
        "is_key": False,
        "values": "both | one",
        "description": "Verdict.",
    }
    assert [row["column"] for row in rows[:7] if row["is_key"]] == ["wave", "row_code"]


def test_the_file_reads_back_as_the_rows(draft: Drafted, tmp_path: Path) -> None:
    release = draft.describe()
    write_dictionary(release, tmp_path / "dictionary.csv")
    with (tmp_path / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert tuple(read[0]) == DICTIONARY_COLUMNS
    shown = {None: "", True: "true", False: "false"}
    expected = [
        {name: shown[value] if value is None or isinstance(value, bool) else str(value) for name, value in row.items()}
        for row in dictionary_rows(release)
    ]
    assert read == expected
