"""Short cuts for texts and numbers that are plainly what they seem say what the reading of each cell says."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.common.personal import MAY_HOLD_EMAIL, holds_email, may_be_personal, remove_personal
from orchestration.common.text import CLEAN_TEXT
from orchestration.common.values import free_text, number
from orchestration.readers import columns
from orchestration.readers.answers import text_reader
from orchestration.readers.columns import Column, ColumnReader, pooled

SIGNS = "ab ÄßЖ&amp;#39;@＠.,;:-–/()+＋0012345٣\t\n\r\x00\x07\x85\u00a0\u200b\ufeff\u3000\u00a8€☎"
TEXTS = st.text(st.sampled_from(SIGNS), max_size=24) | st.text(max_size=8)
TELEPHONES = st.builds(
    lambda before, number, after: f"{before}{number}{after}",
    st.sampled_from(["", "tel ", "Ruf uns an: ", "(", "x", "☎", "T. ", "mob. no. "]),
    st.sampled_from(["+49 30 901820", "030 901820", "(030) 901820", "0049 30 901820", "01 42 68 53 00", "2345678"]),
    st.sampled_from(["", " bitte", ")", " / 12"]),
)
REGIONS = st.sampled_from([None, "DE", "FR", "US", "DK"])
MANY = settings(max_examples=400, derandomize=True, deadline=None)


def _matches(text: str, pattern: str) -> bool:
    found: bool = pc.match_substring_regex(pa.array([text]), pattern)[0].as_py()
    return found


@MANY
@given(TEXTS)
@example("a&amp;b")
@example(" a")
@example("\u00a8")
def test_a_text_that_counts_as_clean_is_its_own_free_text(text: str) -> None:
    if _matches(text, CLEAN_TEXT):
        assert free_text(text) == text


@pytest.mark.parametrize("text", ["Köln", "a\nb", "7", "(x)", "Do not know", "Same – covers entire city"])
def test_plain_texts_count_as_clean(text: str) -> None:
    assert _matches(text, CLEAN_TEXT)


@MANY
@given(TEXTS | TELEPHONES, REGIONS)
@example("mail me: ada@x.eu", None)
def test_nothing_is_removed_from_a_text_that_does_not_look_personal(text: str, region: str | None) -> None:
    if not _matches(text, may_be_personal()):
        assert remove_personal(text, [region] if region else [])[0] == text
    if not _matches(text, MAY_HOLD_EMAIL):
        assert not holds_email(text)


@pytest.mark.parametrize("text", ["1000001", "2024-05-01T03:57:57.217", "plain", "12345678,5"])
def test_ids_dates_and_amounts_do_not_look_personal(text: str) -> None:
    assert not _matches(text, may_be_personal())


def _columns_of(cells: list[str]) -> Column:
    return Column.of_texts(pa.array(cells, pa.string()).dictionary_encode())


def _said(reader: ColumnReader, column: Column) -> object:
    values = reader.values(column)
    rows, places = values.of_rows(column.codes)
    faults = [values.faults.get(int(code)) for code in column.codes]
    return rows.tolist(), values.flat.take(pa.array(places)).to_pylist(), faults


def _number_reader(is_whole: bool, cut: bool) -> ColumnReader:
    def read(cell: columns.Cell) -> tuple[float, ...] | columns.Fault:
        found = number(cell, is_whole)
        return found if isinstance(found, columns.Fault) else (found,)

    return ColumnReader(read, "value_number", is_whole=is_whole if cut else None)


READERS: list[Callable[[bool], ColumnReader]] = [
    lambda cut: text_reader() if cut else ColumnReader(text_reader()._read, "value_text"),
    lambda cut: _number_reader(True, cut),
    lambda cut: _number_reader(False, cut),
]
NUMBERS = st.sampled_from(["0", "007", "-5", "+5", "1.50", "1 000", "1e3", "x", "4.", "99999999999999999", "0.1", "−3"])


@pytest.mark.parametrize("reader", READERS, ids=["text", "whole", "decimal"])
def test_the_short_cuts_make_no_difference(
    monkeypatch: pytest.MonkeyPatch, reader: Callable[[bool], ColumnReader]
) -> None:
    monkeypatch.setattr(columns, "_FEWEST_TO_SEARCH", 0)

    @MANY
    @given(st.lists(TEXTS | NUMBERS, min_size=1, max_size=8))
    def check(cells: list[str]) -> None:
        column = _columns_of(cells)
        assert _said(reader(True), column) == _said(reader(False), column)

    check()


def test_cells_of_any_type_are_read_as_what_they_are() -> None:
    column = Column.of([1, True, 1.0, "1", None, 1])
    assert column.codes.tolist() == [0, 1, 2, 3, 4, 0]
    assert [column.cell(row) for row in range(6)] == [1, True, 1.0, "1", None, 1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_REMEMBERED", 100)
    reader = text_reader()
    for number_ in range(1000):
        reader.read(f" text {number_}")
    assert len(reader._known) < 12


def test_texts_that_were_replaced_are_in_no_dictionary() -> None:
    import numpy as np

    texts = pa.array(["ada@x.eu", "[e-mail removed]", "b"])
    found = pooled([(0, np.array([1, 2]), texts), (3, np.array([2, -1]), texts)], 6)
    assert found.to_pylist() == ["[e-mail removed]", "b", None, "b", None, None]
    assert found.dictionary.to_pylist() == ["[e-mail removed]", "b"]
