"""Rows, sheets and pages of a release that hold numbers of synthetic answers say so."""

from typing import Any

import duckdb
import pytest
from metadata_cases import HEADINGS

from orchestration.disclosure.tables import Disclosure
from orchestration.release.changes import changes_page
from orchestration.release.description import Column, Table
from orchestration.release.draft import IS_SYNTHETIC, PublishedTable, _query
from orchestration.release.errata import errata_page
from orchestration.release.workbook import ALL_SYNTHETIC, SOME_SYNTHETIC, _report_sheet, _tidy_sheet

COHORTS = "('2030', 'MADE', true), ('2030', 'REAL', false), ('2031', 'MADE', false), ('2031', 'REAL', true)"
REPORT_CELL = {
    **dict.fromkeys(("item_code", "choice_code", "dimension_code", "member_code", "measure_code"), "x"),
    **dict.fromkeys(("row_label", "row_code"), "Plan"),
    **dict.fromkeys(("column_label", "column_code"), "Yes"),
    **dict.fromkeys(("share_pct", "share_low_pct", "share_high_pct", "hidden_reason"), None),
    **{"n": 4, "base_n": 40, "obs_status": "A", "conf_status": "F"},
}


def marks(rows: str, columns: tuple[str, ...], wave: str = "2030") -> list[tuple[Any, ...]]:
    """Codes and mark of each row of a table that names cohorts."""
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate; create schema gaps")
        connection.execute(
            "create table intermediate.int_cohort_sources as "
            f"from (values {COHORTS}) as t (wave, cohort_code, {IS_SYNTHETIC})"
        )
        connection.execute(f"create table gaps.gap_x as from (values {rows}) as t (wave, {', '.join(columns)})")
        table = PublishedTable("gap_x", "gaps", columns, columns, Disclosure())
        return connection.execute(_query(table), {"wave": wave}).fetchall()


def test_a_row_is_synthetic_by_the_source_card_of_its_cohort_in_its_wave() -> None:
    rows = "('2030', 'MADE'), ('2030', 'REAL'), ('2031', 'MADE'), ('2031', 'REAL')"
    assert marks(rows, ("cohort_code",)) == [("MADE", True), ("REAL", False)]
    assert marks(rows, ("cohort_code",), "2031") == [("MADE", False), ("REAL", True)]


def test_one_synthetic_cohort_makes_a_comparison_synthetic() -> None:
    columns = ("cohort_code", "comparison_cohort_code")
    rows = "('2030', 'REAL', 'MADE'), ('2030', 'MADE', 'REAL'), ('2030', 'REAL', 'REAL')"
    assert sorted(marks(rows, columns)) == [("MADE", "REAL", True), ("REAL", "MADE", True), ("REAL", "REAL", False)]


def test_a_row_of_no_cohort_is_not_synthetic_and_a_table_without_cohorts_has_no_mark() -> None:
    assert marks("('2030', null::varchar)", ("cohort_code",)) == [(None, False)]
    assert marks("('2030', 'a label')", ("label",)) == [("a label",)]


def make_rows(*is_synthetic: bool) -> list[dict[str, Any]]:
    cohorts = {True: "MADE", False: "REAL"}
    return [
        {**REPORT_CELL, IS_SYNTHETIC: mark, "cohort_code": cohorts[mark], "row_code": str(place)}
        for place, mark in enumerate(is_synthetic)
    ]


@pytest.mark.parametrize(
    ("rows", "note", "notes"),
    [
        (make_rows(True, True), ALL_SYNTHETIC, [None, None]),
        (make_rows(True, False), SOME_SYNTHETIC, ["[s] synthetic", None]),
        (make_rows(False, False), None, [None, None]),
    ],
    ids=["all", "some", "none"],
)
def test_a_sheet_says_which_of_its_rows_are_synthetic(
    rows: list[dict[str, Any]], note: str | None, notes: list[str | None]
) -> None:
    names = ("cohort_code", "row_code", "n", IS_SYNTHETIC)
    table = Table("gaps/gap_x", "gap_x", "X", "X.", tuple(Column(name, "string", name) for name in names), ())
    for sheet in (
        _report_sheet(Table("tables/table_03", "gap_report_cell", "X", "X.", (), ()), rows, HEADINGS),
        _tidy_sheet(table, rows, HEADINGS),
    ):
        assert sheet.synthetic_note == note
        assert (note in sheet.notes) == (note is not None)
        if "Notes" in sheet.header:
            place = sheet.header.index("Notes")
            assert [row[place] for row in sheet.rows] == notes
        else:
            assert set(notes) == {None}


def test_pages_with_numbers_of_synthetic_answers_say_so() -> None:
    finding = {
        **dict.fromkeys(("source_label", "place", "printed", "contradicted_by", "explanation"), ""),
        **{"severity": "minor", "expected_value": 4.0, "position": 1, "erratum_id": "a"},
    }
    computed = {**finding, "computed_value": 5.0, IS_SYNTHETIC: True}
    assert "no city gave them" in errata_page("2030", [finding, computed])
    for real in (finding, {**finding, IS_SYNTHETIC: True, "computed_value": None}, {**computed, IS_SYNTHETIC: False}):
        assert "no city gave them" not in errata_page("2030", [real])
    assert "Contains synthetic data." in changes_page("2030.0", None, [], "Contains synthetic data.")
