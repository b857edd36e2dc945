"""The workbook opens with the numbers of its tables, and with no number that is hidden."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from metadata_cases import HEADINGS, Drafted
from openpyxl import load_workbook

from orchestration.csv_output import write_csv
from orchestration.release.manifest import file_sha256
from orchestration.release.package import STATUS_COLUMNS
from orchestration.release.workbook import HIDDEN, write_workbook

CELLS = {
    "source": ["table"] * 4,
    "row_label": ["Towns", "Towns", "=Cities", "=Cities"],
    "column_label": ["Yes", "No", "Yes", "No"],
    "n": [4, 5, None, None],
    "base_n": [9, 9, 12, 12],
    "share_pct": [44.4444, 55.5556, None, None],
    "wave": ["2030"] * 4,
    "row_code": ["t1", "t2", "c1", "c2"],
    "cohort_code": ["A"] * 4,
    "choice_code": ["yes", "no"] * 2,
    "obs_status": ["U", "U", "Q", "Q"],
    "conf_status": ["F", "F", "C", "D"],
    "hidden_reason": [None, None, "small_count", "complement"],
}


@pytest.fixture
def book(draft: Drafted) -> Path:
    rows = pa.table(CELLS)
    columns = draft.dbt["nodes"]["gap_report_cell"]["columns"]
    for name in ("column_label", "cohort_code", "choice_code"):
        columns[name] = {"data_type": "varchar", "description": name, "config": {"meta": {"publish": True}}}
    for name in ("cells", "tables/table_03"):
        write_csv(rows, (draft.folder / name).with_suffix(".csv"))
        pq.write_table(rows, (draft.folder / name).with_suffix(".parquet"))
    needs = pq.read_table(draft.folder / "gaps/gap_need.parquet")
    for column in STATUS_COLUMNS:
        needs = needs.append_column(column.name, pa.array([None] * needs.num_rows, pa.string()))
    pq.write_table(needs, draft.folder / "gaps/gap_need.parquet")
    path = draft.folder / "workbook.xlsx"
    write_workbook(draft.described(added=STATUS_COLUMNS), HEADINGS, draft.folder, path)
    return path


def values(path: Path, sheet: str) -> list[list[object]]:
    rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [list(row) for row in rows if any(value is not None for value in row)]


def test_a_report_table_stands_as_it_is_printed(book: Path) -> None:
    *heading, header, towns, cities = values(book, "Table 3")
    assert heading[0][0] == "Table 3: Targets by size"
    assert header == ["Cohort", "Row", "Yes, n", "No, n", "base n", "Yes, %", "No, %", "Notes"]
    assert towns == ["A", "Towns", 4, 5, 9, 44.4444, 55.5556, "[u] small base"]
    assert cities[:7] == ["A", "=Cities", HIDDEN, HIDDEN, 12, HIDDEN, HIDDEN]
    assert cities[7] == "[c] too few cities gave the answer, it would tell another hidden number"


def test_no_text_is_a_formula(book: Path) -> None:
    sheet = load_workbook(book)["Table 3"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_every_link_of_the_contents_leads_to_a_sheet(book: Path) -> None:
    opened = load_workbook(book)
    contents = opened["Contents"]
    targets = [cell.hyperlink.location for row in contents.iter_rows() for cell in row if cell.hyperlink]
    assert targets == ["'Table 3'!A1", "'Need'!A1", "'Data dictionary'!A1"]
    assert opened.sheetnames == ["Cover", "Contents", "Table 3", "Need", "Data dictionary"]


def test_the_cover_says_what_it_is_and_that_it_is_synthetic(book: Path) -> None:
    words = " ".join(str(row[0]) for row in values(book, "Cover"))
    for word in (
        "release 2030.1",
        "Pulse report",
        "Synthetic.",
        "[c] stands for a number that is not shown",
        "CC-BY-4.0",
    ):
        assert word in words


def test_headers_are_marked_up_as_tables_and_frozen(book: Path) -> None:
    sheet = load_workbook(book)["Table 3"]
    (table,) = sheet.tables.values()
    assert table.ref == "A6:H8"
    assert sheet.freeze_panes == "C7"
    assert sheet.print_title_rows == "$6:$6"


def test_the_same_tables_make_the_same_bytes_elsewhere(book: Path, draft: Drafted, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[3]);"
        "from test_release_workbook import again; again(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    other = tmp_path / "other.xlsx"
    environment = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "3",
        "PATH": "",
        "PYTHONPATH": ":".join(sys.path),
    }
    command = [sys.executable, "-c", script, str(draft.folder), str(other), str(Path(__file__).parent)]
    subprocess.run(command, env=environment, check=True)
    assert file_sha256(other) == file_sha256(book)


def again(folder: Path, path: Path) -> None:
    """Write the workbook of a folder once more, from another process."""
    from metadata_cases import drafted

    twin = drafted(path.parent / "twin")
    columns = twin.dbt["nodes"]["gap_report_cell"]["columns"]
    for name in ("column_label", "cohort_code", "choice_code"):
        columns[name] = {"data_type": "varchar", "description": name, "config": {"meta": {"publish": True}}}
    twin.folder = folder
    write_workbook(twin.described(added=STATUS_COLUMNS), HEADINGS, folder, path)
