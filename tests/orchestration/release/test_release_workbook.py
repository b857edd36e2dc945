"""The workbook opens with the numbers of its tables, and with no number that is hidden."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from metadata_cases import HEADINGS, Drafted
from openpyxl import load_workbook

from orchestration.common.csv_output import write_csv
from orchestration.common.whole_file import file_sha256
from orchestration.disclosure.rules import REASONS, Reason
from orchestration.release.description import Column, Table
from orchestration.release.package import PUBLIC_STATUS_COLUMNS as STATUS_COLUMNS
from orchestration.release.workbook import HIDDEN, Sheet, _rank, _report_sheet, _tidy_sheet, write_workbook
from orchestration.release.workbook_charts import choose_cells

CELLS = {
    "source": ["table"] * 4,
    "row_label": ["Towns", "Towns", "=Cities", "=Cities"],
    "column_label": ["Yes", "No", "Yes", "No"],
    "n": [4, 5, None, None],
    "base_n": [9, 9, 12, 12],
    "share_pct": [44.4444, 55.5556, None, None],
    "wave": ["2030"] * 4,
    "row_code": ["towns", "towns", "cities", "cities"],
    "column_code": ["yes", "no"] * 2,
    "cohort_code": ["A"] * 4,
    "item_code": ["plan"] * 4,
    "choice_code": ["yes", "no"] * 2,
    "dimension_code": ["size"] * 4,
    "member_code": ["towns", "towns", "cities", "cities"],
    "measure_code": ["count"] * 4,
    "share_low_pct": [20.0, 30.0, None, None],
    "share_high_pct": [70.0, 80.0, None, None],
    "obs_status": ["U", "U", "Q", "Q"],
    "conf_status": ["F", "F", "C", "C"],
}


@pytest.fixture
def book(draft: Drafted) -> Path:
    rows = pa.table(CELLS)
    columns = draft.dbt["nodes"]["gap_report_cell"]["columns"]
    for name in CELLS.keys() - columns.keys() - {column.name for column in STATUS_COLUMNS}:
        columns[name] = {"data_type": "varchar", "description": name, "config": {"meta": {"publish": True}}}
    for name in ("cells", "tables/table_03"):
        write_csv(rows, (draft.folder / name).with_suffix(".csv"))
        pq.write_table(rows, (draft.folder / name).with_suffix(".parquet"))
    needs = pq.read_table(draft.folder / "gaps/gap_need.parquet")
    for column in STATUS_COLUMNS:
        needs = needs.append_column(column.name, pa.array([None] * needs.num_rows, pa.string()))
    pq.write_table(needs, draft.folder / "gaps/gap_need.parquet")
    path = draft.folder / "workbook.xlsx"
    write_workbook(draft.describe(added=STATUS_COLUMNS), HEADINGS, draft.folder, path)
    return path


def values(path: Path, sheet: str) -> list[list[object]]:
    rows = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [list(row) for row in rows if any(value is not None for value in row)]


def drawn_cells(path: Path) -> dict[str, list[object]]:
    """What the charts of each sheet draw: the values of the cells that their series name."""
    found: dict[str, list[object]] = {}
    for sheet in load_workbook(path):
        for chart in sheet._charts:
            for series in chart.series:
                for one in series.val.numRef.f.strip("()").split(","):
                    place = one.rpartition("!")[2].replace("$", "")
                    cells = sheet[place] if ":" in place else ((sheet[place],),)
                    found.setdefault(sheet.title, []).extend(cell.value for row in cells for cell in row)
    return found


def test_a_report_table_stands_as_it_is_printed(book: Path) -> None:
    *heading, header, towns, cities = values(book, "Table 3")
    assert heading[0][0] == "Table 3: Targets by size"
    shares = [f"{answer}, {what}" for answer in ("Yes", "No") for what in ("%", "interval from, %", "interval to, %")]
    assert header == ["Row", "Yes, n", "No, n", "base n", *shares, "Notes"]
    assert towns == ["Towns", 4, 5, 9, 44.4444, 20, 70, 55.5556, 30, 80, "[u] small base"]
    assert cities[:10] == ["=Cities", HIDDEN, HIDDEN, 12, *[HIDDEN] * 6]
    assert cities[10] == "[c] confidential"


def cell(**changes: object) -> dict[str, object]:
    """The first cell of the table, changed."""
    return {name: values[0] for name, values in CELLS.items()} | changes


def sheet_of(*rows: dict[str, object]) -> Sheet:
    return _report_sheet(Table("tables/table_08", "gap_report_cell", "Table 8", "", (), ()), rows, HEADINGS)


def test_an_empty_number_is_marked_only_where_it_is_hidden() -> None:
    inside = cell(choice_code=None, n=4, value=3.5, share_pct=None, hidden_reason="small_base", obs_status="U")
    outside = inside | {
        "hidden_reason": None,
        "n": None,
        "value": None,
        "obs_status": "Q",
        "row_code": "t2",
        "row_label": "Villages",
    }
    sheet = sheet_of(inside, outside)
    assert sheet.header == ("Row", "Yes", "base n", "Notes")
    assert sheet.rows == (
        ("Towns", 3.5, 9, "not public: too few cities are in the group; [u] small base"),
        ("Villages", HIDDEN, 9, "[c] confidential"),
    )


def test_rows_of_one_label_are_both_there() -> None:
    sheet = sheet_of(cell(row_code="t1", n=4), cell(row_code="t2", n=5))
    assert [row[0] for row in sheet.rows] == [4, 5]


def test_columns_of_the_same_cells_show_each_its_measure() -> None:
    count = cell(column_code="count", column_label="N of towns")
    share = cell(column_code="share", column_label="% of towns", measure_code="share")
    sheet = sheet_of(count, share)
    ends = ("% of towns, interval from, %", "% of towns, interval to, %")
    assert sheet.header == ("N of towns", "base n", "% of towns", *ends)
    assert sheet.rows == ((4, 9, 44.4444, 20.0, 70.0),)


def test_many_columns_stand_below_each_other_with_their_intervals() -> None:
    sheet = sheet_of(*(cell(column_code=str(number), column_label=f"C{number}", obs_status="A") for number in range(6)))
    assert sheet.header == ("Row", "n", "base n", "%", "interval from, %", "interval to, %")
    assert sheet.rows[5] == ("C5", 4, 9, 44.4444, 20.0, 70.0)


def test_a_table_of_gaps_shows_labels_and_tells_what_is_the_same_once() -> None:
    columns = (
        Column("need_code", "string", ""),
        Column("need_label", "string", ""),
        Column("cohort_code", "string", ""),
        Column("share_pct", "number", "", "percent"),
    )
    status = {"hidden_reason": None, "obs_status": "A"}
    rows = [
        {"need_code": "s", "need_label": "Staff", "cohort_code": "A", "share_pct": 10.0, **status},
        {"need_code": "m", "need_label": "Money", "cohort_code": "A", "share_pct": None, **status},
    ]
    sheet = _tidy_sheet(Table("gaps/gap_need", "gap_need", "Needs", "One row a need.", columns, ()), rows, HEADINGS)
    assert (sheet.header, sheet.rows) == (("Need", "Share, %"), (("Staff", 10.0), ("Money", None)))
    assert sheet.notes == ("One row a need.", "In all rows: Cohort: A.")


def test_a_ranking_stands_in_its_order_in_words() -> None:
    columns = (
        Column("cohort_code", "string", ""),
        Column("ranking_measure", "string", "", values=("levels_4_5", "mean")),
        Column("item_rank", "integer", ""),
        Column("item_label", "string", ""),
    )
    status = {"hidden_reason": None, "obs_status": "A", "ranking_measure": "levels_4_5"}
    ranks = [("B", None, "Noise"), ("B", 2, "Staff"), ("A", 10, "Money"), ("A", 9, "Time"), ("B", 1, "Law")]
    rows = [{"cohort_code": cohort, "item_rank": rank, "item_label": label, **status} for cohort, rank, label in ranks]
    table = Table("gaps/gap_ranking", "gap_ranking", "Ranking", "One row an item.", columns, ())
    sheet = _tidy_sheet(table, _rank(rows), HEADINGS, None, {"levels_4_5": "rated 4 or 5"})
    assert [row[-1] for row in sheet.rows] == ["Time", "Money", "Law", "Staff", "Noise"]
    assert "rated 4 or 5" in sheet.notes[-1]


def test_a_table_of_which_nothing_is_shown_has_no_sheet(draft: Drafted, book: Path) -> None:
    rows = pq.read_table(draft.folder / "tables/table_03.parquet")
    hidden = pa.array([None] * rows.num_rows, pa.int64())
    for name in ("n", "share_pct"):
        rows = rows.set_column(rows.column_names.index(name), name, hidden)
    marks = pa.array(["Q"] * rows.num_rows)
    rows = rows.set_column(rows.column_names.index("obs_status"), "obs_status", marks)
    pq.write_table(rows, draft.folder / "tables/table_03.parquet")
    write_workbook(draft.describe(added=STATUS_COLUMNS), HEADINGS, draft.folder, book)
    assert "Table 3" not in load_workbook(book).sheetnames
    assert any("all numbers are confidential" in row for row in values(book, "Contents"))


def test_each_reason_for_hiding_has_its_words() -> None:
    assert set(REASONS) == set(Reason)
    with pytest.raises(ValueError, match="'moon' is not a valid Reason"):
        sheet_of(cell(hidden_reason="moon", obs_status="Q"))


def test_a_chart_draws_what_is_shown_and_nothing_that_is_hidden(draft: Drafted, book: Path) -> None:
    """Of three rows the middle one is hidden: the bars are of the two around it, by the cells of the table."""
    assert "Table 3" not in drawn_cells(book), "one row that is shown is compared with none"
    later = {name: [*told, *told[:2]] for name, told in CELLS.items()}
    later |= {
        "row_code": [*CELLS["row_code"], "all", "all"],
        "row_label": [*CELLS["row_label"], "All", "All"],
        "share_pct": [44.4444, 55.5556, None, None, 40.0, 60.0],
    }
    pq.write_table(pa.table(later), draft.folder / "tables/table_03.parquet")
    path = draft.folder / "drawn.xlsx"
    write_workbook(draft.describe(added=STATUS_COLUMNS), HEADINGS, draft.folder, path)
    assert drawn_cells(path) == {"Table 3": [44.4444, 40, 55.5556, 60]}


@pytest.mark.parametrize(
    ("rows", "places", "columns"),
    [
        ([("a", 1.0), ("b", HIDDEN), ("c", 3.0), ("d", 4.0)], [((0, 1), (2, 1), (3, 1))], [1]),
        ([("a", 1.0, 2.0), ("b", 3.0, HIDDEN), ("c", 4.0, 5.0)], [((0, 1), (2, 1)), ((0, 2), (2, 2))], [1, 2]),
        ([("a", 1.0, HIDDEN), ("b", 3.0, HIDDEN)], [((0, 1), (1, 1))], [1, 2]),
        ([(10.0, HIDDEN, 30.0)], [((0, 0), (0, 2))], [0, 1, 2]),
        ([("a", 1.0), ("b", None)], [], [1]),
        ([("a", HIDDEN), ("b", HIDDEN)], [], [1]),
        ([("a", 1.0)], [], [1]),
    ],
)
def test_cells_of_a_chart(rows: list[tuple[object, ...]], places: list[object], columns: list[int]) -> None:
    drawn = choose_cells(rows, columns, 1)
    assert list(drawn.series if drawn else ()) == places


def test_shares_that_are_parts_of_a_whole_are_stacked_and_long_tables_are_cut_with_a_word() -> None:
    parts = choose_cells([("a", 40.0, 60.0), ("b", 50.0, 50.1)], [1, 2], 1)
    assert parts is not None
    assert parts.is_stacked
    several = choose_cells([("a", 40.0, 80.0), ("b", 50.0, 50.0)], [1, 2], 1)
    assert several is not None
    assert not several.is_stacked
    many = choose_cells([(str(number), float(number)) for number in range(40)], [1], 1)
    assert many is not None
    assert (len(many.series[0]), many.left_out) == (24, ("the first 24 rows",))
    part = choose_cells([("a", 1.0), ("b", HIDDEN), ("c", 3.0)], [1], 1)
    assert part is not None
    assert part.left_out == ("rows with a confidential number are not drawn",)


def test_the_first_column_is_named_after_what_it_lists_and_none_is_empty() -> None:
    headings = replace(HEADINGS, axes={"tables/table_08": ("City size", "choice")})
    table = Table("tables/table_08", "gap_report_cell", "Table 8", "", (), ())
    two = [cell(), cell(row_code="t2", row_label="Villages")]
    assert _report_sheet(table, two, headings, {"choice": "Answer"}).header[0] == "City size"
    [one] = _report_sheet(table, two[:1], headings, {"choice": "Answer"}).rows
    assert one[0] == "Towns", "a line of numbers says of whom it is"
    many = [cell(column_code=str(number), column_label=f"C{number}") for number in range(6)]
    sheet = _report_sheet(table, many, headings, {"choice": "Answer"})
    assert sheet.header[0] == "Answer"
    statistics = [row | {"choice_code": None, "share_pct": None, "value": 3.5} for row in many]
    statistics = [row | {"share_low_pct": None, "share_high_pct": None} for row in statistics]
    assert _report_sheet(table, statistics, headings).header == ("choice", "n", "base n", "value")


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
    assert table.ref == "A6:K8"
    assert sheet.freeze_panes == "B7"
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
    from metadata_cases import write_draft

    twin = write_draft(path.parent / "twin")
    columns = twin.dbt["nodes"]["gap_report_cell"]["columns"]
    for name in CELLS.keys() - columns.keys() - {column.name for column in STATUS_COLUMNS}:
        columns[name] = {"data_type": "varchar", "description": name, "config": {"meta": {"publish": True}}}
    twin.folder = folder
    write_workbook(twin.describe(added=STATUS_COLUMNS), HEADINGS, folder, path)
