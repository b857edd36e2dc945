from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.common.csv_records import csv_records
from orchestration.common.problems import FileProblemsError, Problem
from orchestration.common.strict_csv import TableError, read_csv_strict


def _table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "seed.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_rows_come_with_their_line_numbers(tmp_path: Path) -> None:
    path = _table(tmp_path, '\ufeffa,b\r\n1,"two\nlines"\r\n3,"say ""x"""\r\n\r\n')
    assert read_csv_strict(path) == [(2, {"a": "1", "b": "two\nlines"}), (4, {"a": "3", "b": 'say "x"'})]


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        pytest.param("", "row 1", "the file is empty", id="empty"),
        pytest.param(b"a,b\n\xe9,1\n", "row 2", "byte 0xe9 at offset 4", id="latin_1"),
        pytest.param("a,b\n1\n", "row 2", "1 fields, the header 2", id="too_few_fields"),
        pytest.param("a,b\n1,2,3\n", "row 2", "3 fields, the header 2", id="too_many_fields"),
        pytest.param("a,b\n1,2\n\n3,4\n", "row 3", "0 fields", id="blank_line_inside"),
        pytest.param('a,b\n1,"2"3\n', "row 2", "not CSV", id="text_after_quote"),
        pytest.param('a,b\n1,"2\n', "row 2", "not CSV", id="quote_never_closed"),
        pytest.param('a,b\n1,2"\n', "row 2", "field that is not quoted", id="stray_quote"),
        pytest.param("a,b,b\n", "row 1, column b", "stands 2 times", id="repeated_column"),
        pytest.param("a\n", "row 1, column b", "is missing", id="missing_column"),
        pytest.param("a,b,c\n", "row 1, column 'c'", "no such column", id="extra_column"),
    ],
)
def test_damaged_table_is_refused(tmp_path: Path, content: str | bytes, place: str, reason: str) -> None:
    with pytest.raises(TableError) as error:
        read_csv_strict(_table(tmp_path, content), ["a", "b"])
    assert "seed.csv" in str(error.value)
    assert place in str(error.value)
    assert reason in str(error.value)
    assert "To do: " in str(error.value)


def test_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"the file is missing\. To do: add it"):
        read_csv_strict(tmp_path / "seed.csv")


def test_misspelt_column_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="'requird' is near"):
        read_csv_strict(_table(tmp_path, "requird\n"), ["required"])


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        read_csv_strict(_table(tmp_path, "a,b\n1\n2,3\n4\n"))
    assert [problem.row for problem in error.value.problems] == [2, 4]


def test_a_long_list_of_problems_is_cut_in_the_message_only() -> None:
    error = FileProblemsError([Problem("f", "r", "do", row=row) for row in range(30)])
    assert len(error.problems) == 30
    assert str(error).endswith("... and 10 more of the kind.")


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    found = list(csv_records('a,b\n1,"x\n2,y\n3,z\n'))
    assert [record.fault is None for record in found] == [True, False, True, True]
    assert [record.line for record in found] == [1, 2, 3, 4]


def test_two_stray_quotes_do_not_merge_rows() -> None:
    text = 'a,b,c,d\n1,"2,3,4\n5,6",7,8\n9,10,11,12\n'
    found = list(csv_records(text))
    assert [record.fault is None for record in found] == [True, False, False, True]
    assert found[3].fields == ("9", "10", "11", "12")


def test_quoted_line_breaks_are_part_of_the_text() -> None:
    found = list(csv_records('a,b,c,d\n1,"one, two\nthree",3,4\n5,6,7,8\n'))
    assert [record.fault for record in found] == [None] * 3
    assert found[1].fields[1] == "one, two\nthree"
    assert found[2].line == 4
