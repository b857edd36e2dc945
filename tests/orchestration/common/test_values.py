from __future__ import annotations

from datetime import date, datetime, time

import pytest

from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, day, free_text, is_blank, moment, number
from orchestration.rounds.choices import ChoiceReader
from orchestration.rounds.codebook import Choice


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\u200bLand area (in square km)", "Land area (in square km)"),
        ("format (GPC)\u00a0", "format (GPC)"),
        ("\ufeffYear  Reported\n to", "Year Reported to"),
        ("R&amp;D caf&eacute;", "R&D café"),
        ("CO₂ ﬁnance", "CO2 finance"),
        ("cafe\u0301", "café"),
    ],
)
def test_labels_compare_without_invisible_differences(raw: str, clean: str) -> None:
    assert clean_label(raw) == clean


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("00042", "00042"),
        (42.0, "42"),
        (42.5, "42.5"),
        (True, "TRUE"),
        (date(2024, 5, 1), "2024-05-01"),
        (time(12, 30), "12:30:00"),
        ("  a &lt;b&gt; &#39;c&#39;\x07 \r\n d ", "a <b> 'c' \n d"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        (" \u00a0\u200b", None),
        ("", None),
        (None, None),
    ],
)
def test_free_text_is_clean_and_loses_nothing(cell: Cell, text: str | None) -> None:
    assert free_text(cell) == text


def test_blank_cells_are_the_ones_that_say_nothing() -> None:
    assert [is_blank(cell) for cell in (None, "", " ", "\u200b\u00a0", "\ufeff")] == [True] * 5
    assert [is_blank(cell) for cell in (0.0, False, "0", "-", "é")] == [False] * 5


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (3.0, 3),
        (7, 7),
        ("00042", 42),
        (" 12 ", 12),
        ("1 234 567", 1234567),
        ("1\u202f234", 1234),
        ("\u22125", -5),
    ],
)
def test_whole_numbers_are_read(cell: Cell, value: float) -> None:
    assert number(cell, is_whole=True) == value


@pytest.mark.parametrize(
    "cell", ["1,234", "1.234", "12 34", "about 5", "5 %", "1e3", True, date(2024, 1, 1), 2.5, 1e17]
)
def test_no_whole_number_is_guessed(cell: Cell) -> None:
    fault = number(cell, is_whole=True)
    assert isinstance(fault, Fault)
    assert fault.code == "not_a_number"
    assert fault.remedy


def test_decimals_are_read() -> None:
    assert [number(cell, is_whole=False) for cell in ("1.5", 0.25, "-2", "1e3")] == [1.5, 0.25, -2, 1000]
    assert isinstance(number("12,5", is_whole=False), Fault)
    assert isinstance(number("nan", is_whole=False), Fault)
    assert isinstance(number("1e999", is_whole=False), Fault)


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 4, 11),
        datetime(2024, 4, 11, 23, 59),
        45393.0,
        45393.9,
        "2024-04-11",
        "2024-04-11T08:00:00.890",
        "45393",
    ],
)
def test_dates_are_read_from_cells_serials_and_iso_text(cell: Cell) -> None:
    assert day(cell) == date(2024, 4, 11)


@pytest.mark.parametrize("cell", ["11/04/2024", "2024", 2024.0, "2024-13-01", "soon", True, time(8)])
def test_no_date_is_guessed(cell: Cell) -> None:
    fault = day(cell)
    assert isinstance(fault, Fault)
    assert fault.code == "not_a_date"


def test_zone_moves_a_moment_to_utc_but_not_a_day() -> None:
    assert moment("2024-04-11T00:30:00+02:00") == datetime(2024, 4, 10, 22, 30)
    assert day("2024-04-11T00:30:00+02:00") == date(2024, 4, 11)
    assert moment(45393.5) == datetime(2024, 4, 11, 12)


def _reader(*labels: str, is_multiple: bool = True) -> ChoiceReader:
    choices = [Choice("things", f"c{number}", label, number) for number, label in enumerate(labels, 1)]
    return ChoiceReader("things", choices, is_multiple)


def _names(reader: ChoiceReader, cell: Cell) -> list[str]:
    found = reader.read(cell)
    assert not isinstance(found, Fault), found
    return [choice.name for choice in found]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Advice; training", ["c2"]),
        ("Advice;Money", ["c1", "c3"]),
        ("Money; Advice; training; Money;", ["c1", "c2"]),
        ("Advice; training; R&amp;D; 2", ["c2", "c4", "c5"]),
        (2.0, ["c5"]),
    ],
)
def test_multiple_choice_splits_at_semicolons_longest_label_first(cell: Cell, names: list[str]) -> None:
    assert _names(_reader("Money", "Advice; training", "Advice", "R&D", "2"), cell) == names


def test_multiple_choice_takes_back_a_label_that_leaves_a_rest() -> None:
    assert _names(_reader("A; B", "B; C", "A"), "A;B;C") == ["c2", "c3"]


def test_a_cell_with_one_unknown_choice_is_rejected_whole() -> None:
    fault = _reader("Money", "Advice", "Staff", "Tools", "Data", "Law", "Land").read("Money; Advise; Law")
    assert isinstance(fault, Fault)
    assert fault.code == "unknown_choice"
    assert "'Advise' is no choice of the list things" in fault.reason
    assert "allowed: Money | Advice | Staff | Tools | Data | Law | and 1 more" in fault.reason
    assert "nearest: 'Advice'" in fault.reason
    assert "choices.csv" in fault.remedy


def test_a_single_choice_is_never_split() -> None:
    assert isinstance(_reader("Money", "Advice", is_multiple=False).read("Money; Advice"), Fault)
    assert _names(_reader("Money; soon", is_multiple=False), "Money ;soon") == ["c1"]


def test_a_label_that_a_spreadsheet_turned_into_a_date_is_unknown() -> None:
    assert isinstance(_reader("1-2", "3-5").read(date(2024, 2, 1)), Fault)
    assert cell_text(date(2024, 2, 1)) == "2024-02-01"
