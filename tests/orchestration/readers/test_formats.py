"""What a cell of a workbook shows is what is read of it, or it is refused: formulas, formats, dates, rich text."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from orchestration.readers.formats import shown_by
from tests.orchestration.readers.deliveries import answers, deliver, problems, question, read_round
from tests.orchestration.readers.spreadsheets import edited, ods

SHEET = {"platform": "sheet", "extract": "extract.xlsx"}
Write = Callable[[xlsxwriter.Workbook, Any], None]


def written(write: Write, **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    sheet = book.add_worksheet("Answers")
    sheet.write_row(0, 0, ["id", "X"])
    write(book, sheet)
    book.close()
    return out.getvalue()


def formatted(*cells: tuple[float, str]) -> bytes:
    def write(book: xlsxwriter.Workbook, sheet: Any) -> None:
        for row, (number, code) in enumerate(cells, 1):
            sheet.write(row, 0, f"r{row}")
            sheet.write_number(row, 1, number, book.add_format({"num_format": code}))

    return written(write)


def read(tmp_path: Path, data: bytes, base_type: str, constraint: str = "") -> list[Any]:
    questions = [question("text", "id", "id", role="response_id"), question(base_type, "x", "X", constraint=constraint)]
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data, **SHEET))
    rejected = [(row["reason_code"], row["raw"]) for row in result.rejected.to_pylist()]
    return [value for _, name, value in answers(result) if name == "x"] + rejected


# Percentages.

SHARES = formatted((0.45, "0%"), (45, "General"), (1, "0.00%"), (0.07, "0.0 %"), (1 / 8, "[Red]0%;-0%"), (9, '0"%"'))


def test_a_percentage_is_what_is_shown(tmp_path: Path) -> None:
    assert read(tmp_path, SHARES, "decimal", ". >= 0 and . <= 100") == [45.0, 45.0, 100.0, 7.0, 12.5, 9.0]
    assert read(tmp_path, SHARES, "text") == ["45%", "45", "100%", "7%", "12.5%", "9"]


def test_a_percentage_of_one_is_a_share_of_one(tmp_path: Path) -> None:
    assert read(tmp_path, SHARES, "decimal", ". >= 0 and . <= 1") == [0.45, 45.0, 1.0, 0.07, 0.125, 9.0]


def test_a_percentage_is_rejected_where_no_bound_says_of_what(tmp_path: Path) -> None:
    shares = [("not_a_number", text) for text in ("45%", "100%", "7%", "12.5%")]
    assert read(tmp_path, SHARES, "decimal") == [45.0, 9.0, *shares]


@pytest.mark.parametrize("cell", ["45%", "45 %", " 45.0%", "45\u00a0%"])
def test_a_percentage_in_text_is_read_alike(tmp_path: Path, cell: str) -> None:
    data = written(lambda _, sheet: sheet.write_row(1, 0, ["r1", cell]))
    assert read(tmp_path, data, "decimal", ". <= 100") == [45.0]
    assert read(tmp_path, data, "integer", ". <= 100") == [45.0]


@pytest.mark.parametrize(("cell", "number"), [("12,5%", 12.5), ("12.5%", 12.5), ("7%", 7.0)])
def test_a_percentage_may_have_the_decimal_sign_of_the_round(tmp_path: Path, cell: str, number: float) -> None:
    questions = [
        question("text", "id", "id", role="response_id"),
        question("decimal", "x", "X", constraint=". <= 100"),
    ]
    data = written(lambda _, sheet: sheet.write_row(1, 0, ["r1", cell]))
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data, decimal='","', **SHEET))
    assert [value for _, name, value in answers(result) if name == "x"] == [number]


@pytest.mark.parametrize("cell", ["45%%", "%", "45% of it", "% 45", "1,5%"])
def test_what_is_no_percentage_is_rejected(tmp_path: Path, cell: str) -> None:
    data = written(lambda _, sheet: sheet.write_row(1, 0, ["r1", cell]))
    assert read(tmp_path, data, "decimal", ". <= 100") == [("not_a_number", cell)]


def test_percentages_of_an_ods_sheet_are_what_is_shown(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="percentage" office:value="0.{}"><text:p>.</text:p></table:table-cell>'
    many = '<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string">'
    many += "<text:p>r3</text:p></table:table-cell>" + cell.format("5") + "</table:table-row>"
    data = ods({"Answers": [["id", "X"], ["r1", cell.format("07")], ["r2", 45.0], many]})
    assert read(tmp_path, data, "decimal", ". <= 100") == [7.0, 45.0, 50.0, 50.0]


# Codes.


def test_a_code_is_shown_with_its_zeros(tmp_path: Path) -> None:
    data = formatted((1004, "00000"), (9162, "00000"), (12345678, "00000000"), (7, "0"), (1.5, "000"))
    assert read(tmp_path, data, "text") == ["01004", "09162", "12345678", "7", "1.5"]
    assert read(tmp_path, data, "decimal") == [1004.0, 9162.0, 12345678.0, 7.0, 1.5]


@pytest.mark.parametrize(
    "code", ["General", "0.00", "#,##0", '0"%"', r"0\%", "yyyy-mm-dd", "[h]:mm", '#,##0.00 "€"', "@"]
)
def test_other_formats_show_the_number(code: str) -> None:
    assert shown_by(code) is None


# Formulas.


def formulas(*values: Any, **options: Any) -> bytes:
    def write(_: xlsxwriter.Workbook, sheet: Any) -> None:
        for row, value in enumerate(values, 1):
            sheet.write(row, 0, f"r{row}")
            sheet.write_formula(row, 1, "=1+1", None, value)

    return written(write, **options)


def calculated(data: bytes) -> bytes:
    return edited(data, "xl/workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b""))


def refused(tmp_path: Path, data: bytes) -> list[str]:
    questions = [question("text", "id", "id", role="response_id"), question("text", "x", "X")]
    return problems(deliver(tmp_path / "rounds/x/2025", questions, (), data, **SHEET))


def test_a_formula_that_was_never_calculated_is_refused(tmp_path: Path) -> None:
    data = edited(calculated(formulas(5, 6, 7)), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(
        b"<v>5</v>", b"<v></v>").replace(b"<v>6</v>", b"<v/>").replace(b"<v>7</v>", b""))  # fmt: skip
    said = "the cell holds a formula whose value was never calculated. To do: open the file in a spreadsheet program"
    assert [problem.partition(",")[2] for problem in refused(tmp_path, data)] == [
        f" row {row}, column B: {said}, let it calculate, and save it." for row in (2, 3, 4)
    ]


def test_zeros_of_a_program_that_does_not_calculate_are_refused(tmp_path: Path) -> None:
    assert len(refused(tmp_path, formulas(0, 5, 0))) == 2
    assert read(tmp_path, calculated(formulas(0, 5, 0)), "integer") == [0.0, 5.0, 0.0]


@pytest.mark.parametrize(
    "formula", ['<f t="shared" si="0"/>', '<f t="array" ref="B2">A1</f>', "<f>&quot;a&gt;b&quot;</f>", "<f/>"]
)
def test_every_kind_of_formula_is_seen(tmp_path: Path, formula: str) -> None:
    data = edited(calculated(formulas(5)), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(
        b"<f>1+1</f><v>5</v>", formula.encode() + b"<v/>"))  # fmt: skip
    assert "row 2, column B: the cell holds a formula" in refused(tmp_path, data)[0]


def test_an_empty_text_is_the_value_of_a_formula(tmp_path: Path) -> None:
    def empty(xml: bytes) -> bytes:
        assert b'<c r="B2" t="str">' in xml
        return xml.replace(b"<v>x</v>", b"<v></v>")

    data = edited(calculated(formulas("x", 5)), "xl/worksheets/sheet1.xml", empty)
    assert read(tmp_path, data, "integer") == [5.0]


def test_a_formula_of_an_ods_sheet_without_value_is_refused(tmp_path: Path) -> None:
    data = ods({"Answers": [["id", "X"], ["r1", '<table:table-cell table:formula="of:=1+1"/>']]})
    assert "row 2, column B: the cell holds a formula whose value was never calculated" in refused(tmp_path, data)[0]


# Dates, rich text.


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_are_those_of_the_workbook(tmp_path: Path, is_1904: bool) -> None:
    def write(book: xlsxwriter.Workbook, sheet: Any) -> None:
        for row, code in enumerate(("yyyy-mm-dd", "[$-407]d. mmmm yyyy", "dd/mm/yy hh:mm"), 1):
            sheet.write(row, 0, f"r{row}")
            sheet.write_datetime(row, 1, datetime(2024, 5, 1), book.add_format({"num_format": code}))

    data = written(write, date_1904=is_1904)
    assert read(tmp_path, data, "date") == [date(2024, 5, 1)] * 3


def test_rich_text_is_whole(tmp_path: Path) -> None:
    def write(book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write(1, 0, "r1")
        sheet.write_rich_string(1, 1, "more ", book.add_format({"bold": True}), "trees", " and shade")

    assert read(tmp_path, written(write), "text") == ["more trees and shade"]


def test_the_reading_of_a_word_is_no_part_of_it(tmp_path: Path) -> None:
    run = "<si><r><t>東京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>".encode()
    data = written(lambda _, sheet: sheet.write_row(1, 0, ["r1", "Tokyo"]))
    data = edited(data, "xl/sharedStrings.xml", lambda xml: xml.replace(b"<si><t>Tokyo</t></si>", run))
    assert read(tmp_path, data, "text") == ["東京"]
