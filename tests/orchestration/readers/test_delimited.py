from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import CodebookError, load_codebook
from tests.orchestration.readers.deliveries import (
    CHOICES,
    FIRST,
    HEADER,
    QUESTIONS,
    SECOND,
    Row,
    deliver,
    extract_of,
    question,
    records,
    with_platform_id,
    without_personal,
    workbook,
)


def _read(tmp_path: Path, extract: str | bytes, questions: Sequence[Row] = QUESTIONS, **card: Any) -> ReadResult:
    loaded = deliver(tmp_path / "rounds/eoi/2021", questions, CHOICES, extract, **card)
    return read_extract(loaded, load_codebook(loaded.folder))


def _refused(tmp_path: Path, extract: str | bytes, questions: Sequence[Row] = QUESTIONS, **card: Any) -> str:
    with pytest.raises(ExtractError) as error:
        _read(tmp_path, extract, questions, **card)
    return str(error.value)


def _without_first_column(line: str) -> str:
    return line.partition(",")[2]


PLAIN_HEADER, PLAIN_FIRST, PLAIN_SECOND = map(_without_first_column, (HEADER, FIRST, SECOND))


def test_responses_and_answers_come_in_codebook_codes(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST + SECOND)
    assert result.rows_in == 2
    assert result.rejected.num_rows == 0
    assert records(result.responses, "response_id", "source_file", "source_sheet", "source_row") == [
        ("r1", "eoi/2021/extract.csv", None, 2),
        ("r2", "eoi/2021/extract.csv", None, 3),
    ]
    columns = ("question_code", "choice_code", "value_text", "value_number", "value_date", "source_column")
    assert records(result.answers, "response_id", *columns)[:9] == [
        ("r1", "code", None, "r1", None, None, 2),
        ("r1", "city", None, "Alpha", None, None, 3),
        ("r1", "target", "existing", None, None, None, 4),
        ("r1", "support", "money", None, None, None, 5),
        ("r1", "support", "advice", None, None, None, 5),
        ("r1", "population", None, None, 42.0, None, 6),
        ("r1", "share", None, None, 1.5, None, 7),
        ("r1", "adopted", None, None, None, date(2024, 1, 31), 8),
        ("r1", "need", "c2", None, None, None, 9),
    ]
    assert [row[1] for row in records(result.answers, "response_id", "question_code") if row[0] == "r2"] == [
        "code", "city", "target", "population", "need",
    ]  # fmt: skip


def test_personal_columns_reach_no_table(tmp_path: Path) -> None:
    extract = HEADER + FIRST + "Ada,,Alpha,,,,,,\nAda,,Beta,,,,,,\nAda,r4\nAda\n" + 'Ada,r5,"x"y,,,,,,\n'
    result = _read(tmp_path, extract)
    assert result.rejected.num_rows == 5
    everything = [result.responses.to_pylist(), result.answers.to_pylist(), result.rejected.to_pylist()]
    assert "Ada" not in json.dumps(everything, default=str)
    assert "Name of the respondent" not in json.dumps(everything, default=str)


def test_a_codebook_with_cleaner_labels_matches_a_header_with_invisible_characters(tmp_path: Path) -> None:
    header = "\ufeff\u200bName of the  respondent\u00a0," + PLAIN_HEADER.replace("City", '" City\n"')
    assert _read(tmp_path, header + FIRST).responses.num_rows == 1


def test_columns_may_come_in_another_order(tmp_path: Path) -> None:
    questions = [question("text", "b", "B"), question("text", "a", "A", role="response_id")]
    result = _read(tmp_path, "A,B\nid,value\n", questions)
    assert records(result.answers, "question_code", "value_text") == [("a", "id"), ("b", "value")]


def test_labels_that_a_questionnaire_repeats_are_matched_in_order(tmp_path: Path) -> None:
    questions = [
        question("text", "id", "Id", role="response_id"),
        question("text", "why_a", "Please explain"),
        question("text", "why_b", "Please explain"),
    ]
    result = _read(tmp_path, "Id,Please explain,Please explain\n1,x,y\n", questions)
    assert records(result.answers, "question_code", "value_text")[1:] == [("why_a", "x"), ("why_b", "y")]
    message = _refused(tmp_path, "Id,Please explain\n1,x\n", questions)
    assert "'Please explain': the column of question why_b is missing" in message


def test_other_encoding_and_delimiter_are_read_as_the_card_says(tmp_path: Path) -> None:
    extract = (HEADER + FIRST).replace("Money;", "Money").replace(" training,", ",").replace("Alpha", "Köln")
    content = extract.replace("MoneyAdvice;", "Money").replace(",", ";").encode("cp1252")
    result = _read(tmp_path, content, encoding="cp1252", delimiter="';'")
    assert ("Köln",) in records(result.answers, "value_text")
    assert _read(tmp_path, (HEADER + FIRST).encode("utf-16"), encoding="utf-16").rows_in == 1


def test_quoted_text_with_line_breaks_keeps_them_and_row_numbers_are_lines(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST.replace("Alpha", '"Alpha,\nthe ""first"""') + SECOND)
    assert ('Alpha,\nthe "first"',) in records(result.answers, "value_text")
    assert records(result.responses, "source_row") == [(2,), (4,)]


def test_blank_lines_at_the_end_are_no_rows(tmp_path: Path) -> None:
    assert _read(tmp_path, HEADER + FIRST + ",,,,,,,,\n\n  \n").rows_in == 1


def test_text_answers_keep_leading_zeros_and_codes_of_cities(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST.replace("Alpha", "00042").replace("r1", "007"))
    assert records(result.responses, "response_id") == [("007",)]
    assert ("city", "00042") in records(result.answers, "question_code", "value_text")


@pytest.mark.parametrize(
    ("row", "reason_code", "reason"),
    [
        pytest.param(
            "r2,Beta,No target\n",
            "wrong_field_count",
            "the row has 3 fields, the header 8",
            id="field_too_few",
        ),
        pytest.param(
            "r2,Beta,No target,,7,,,2,2\n",
            "wrong_field_count",
            "the row has 9 fields, the header 8",
            id="field_too_many",
        ),
        pytest.param(",Beta,,,,,,\n", "missing_response_id", "the row has no response id", id="id_missing"),
        pytest.param(",, ,,,,,\n", "empty_row", "the row is empty", id="row_of_empty_fields"),
        pytest.param("\n", "empty_row", "the row is empty", id="blank_line"),
        pytest.param('r2,"Beta"s,,,,,,\n', "not_csv", "expected after", id="text_after_quote"),
        pytest.param('r2,Be"ta,,,,,,\n', "not_csv", "field that is not quoted", id="stray_quote"),
        pytest.param('r2,"Beta,,,,,,\n', "not_csv", "", id="quote_never_closed"),
    ],
)
def test_bad_row_is_rejected_with_its_reason_and_the_rest_goes_on(
    tmp_path: Path, row: str, reason_code: str, reason: str
) -> None:
    last = "r9,Last,,,,,,\n"
    result = _read(tmp_path, PLAIN_HEADER + PLAIN_FIRST + row + last, without_personal())
    assert records(result.responses, "response_id") == [("r1",), ("r9",)]
    assert result.rows_in == 3
    [rejected] = result.rejected.to_pylist()
    assert (rejected["scope"], rejected["source_file"], rejected["source_row"]) == (
        "row",
        "eoi/2021/extract.csv",
        3,
    )
    assert (rejected["reason_code"], rejected["source_column"]) == (reason_code, None)
    assert reason in rejected["reason"]
    assert "To do: " in rejected["reason"]
    json.loads(rejected["raw"])


def test_rejected_row_keeps_its_content_by_header(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST + "Bob,,Beta,Existing,,,,,\n")
    [rejected] = result.rejected.to_pylist()
    assert json.loads(rejected["raw"]) == {
        "City": "Beta",
        "Is there a target?": "Existing",
    }


def test_an_id_that_comes_again_is_a_further_submission_of_the_same_respondent(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST + SECOND + FIRST.replace("Alpha", "Gamma"))
    assert result.rejected.num_rows == 0
    assert records(result.responses, "response_id", "respondent_id", "position", "status", "source_row") == [
        ("r1", "r1", 1, "complete", 2),
        ("r2", "r2", 2, "complete", 3),
        ("r1#2", "r1", 3, "complete", 4),
    ]
    cities = [
        row[1:] for row in records(result.answers, "question_code", "response_id", "value_text") if row[0] == "city"
    ]
    assert cities == [("r1", "Alpha"), ("r2", "Beta"), ("r1#2", "Gamma")]


def test_row_with_extra_field_is_rejected_not_shifted(tmp_path: Path) -> None:
    result = _read(tmp_path, PLAIN_HEADER + "r1,Alpha,extra,Existing,,1,,,\n" + PLAIN_SECOND, without_personal())
    assert records(result.responses, "response_id") == [("r2",)]
    assert json.loads(result.rejected.to_pylist()[0]["raw"]) == [
        "r1",
        "Alpha",
        "extra",
        "Existing",
        "",
        "1",
        "",
        "",
        "",
    ]


def test_row_of_wrong_width_is_withheld_where_a_column_is_personal(tmp_path: Path) -> None:
    result = _read(tmp_path, HEADER + FIRST + "Eve,r2,Beta\n")
    raw = json.loads(result.rejected.to_pylist()[0]["raw"])
    assert raw == {
        "withheld": "the round has personal columns",
        "fields": 3,
        "sha256": hashlib.sha256(b"Eve,r2,Beta\n").hexdigest(),
    }


@pytest.mark.parametrize("cut", [5, 34], ids=["in_first_field", "before_last_field"])
def test_rows_beside_a_cut_field_are_rejected(tmp_path: Path, cut: int) -> None:
    line = "response-2,Beta,No target,,7,,,3 = high need\n"
    broken = line[:cut] + "\n" + line[cut:]
    result = _read(tmp_path, PLAIN_HEADER + PLAIN_FIRST + broken + "r8,H,,,,,,\nr9,L,,,,,,\n", without_personal())
    assert {"response-2", "nse-2"}.isdisjoint(row[0] for row in records(result.responses, "response_id"))
    assert ("r9",) in records(result.responses, "response_id")
    assert result.rows_in == result.responses.num_rows + result.rejected.num_rows == 5


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "reason"),
    [
        pytest.param("Existing", "Existng", "unknown_choice", 4, "nearest: 'Existing'", id="unknown_choice"),
        pytest.param(
            "Money;",
            "Gold;",
            "unknown_choice",
            5,
            "'Gold' is no choice of the list support",
            id="unknown_part",
        ),
        pytest.param("00042", "many", "not_a_number", 6, "'many' is not a number", id="no_number"),
        pytest.param("00042", "4.5", "not_a_number", 6, "'4.5' is not a whole number", id="no_whole_number"),
        pytest.param("2024-01-31", "31.01.2024", "not_a_date", 8, "'31.01.2024' is not a date", id="no_date"),
    ],
)
def test_bad_answer_is_rejected_and_the_rest_of_its_row_goes_on(
    tmp_path: Path, old: str, new: str, code: str, column: int, reason: str
) -> None:
    whole = _read(tmp_path, HEADER + FIRST)
    result = _read(tmp_path, HEADER + FIRST.replace(old, new))
    [rejected] = result.rejected.to_pylist()
    assert (rejected["scope"], rejected["response_id"], rejected["reason_code"]) == ("answer", "r1", code)
    assert (rejected["source_file"], rejected["source_row"]) == ("eoi/2021/extract.csv", 2)
    assert rejected["source_column"] == column
    assert reason in rejected["reason"]
    assert "To do: " in rejected["reason"]
    assert new in rejected["raw"]
    kept = [row for row in whole.answers.to_pylist() if row["question_code"] != rejected["question_code"]]
    assert result.answers.to_pylist() == kept


def test_numbers_beyond_a_constraint_are_left_to_the_door(tmp_path: Path) -> None:
    assert _read(tmp_path, HEADER + FIRST.replace("00042", "-5")).rejected.num_rows == 0


@pytest.mark.parametrize(
    ("extract", "place", "reason", "remedy"),
    [
        pytest.param("", "extract.csv", "the file is empty", "export it again", id="empty"),
        pytest.param(" \n\n", "extract.csv", "the file is empty", "export it again", id="only_blank_lines"),
        pytest.param("\ufeff", "extract.csv", "the file is empty", "export it again", id="only_a_byte_order_mark"),
        pytest.param(HEADER, "row 1", "no response", "export it again", id="only_a_header"),
        pytest.param("\n" + HEADER + FIRST, "row 1", "no header here", "first row", id="blank_line_before_the_header"),
        pytest.param(FIRST + SECOND, "row 1", "no header here: none of the 9 cells", "header row", id="no_header"),
        pytest.param(
            'a"b' + HEADER + FIRST,
            "row 1",
            "no header here: a quotation mark",
            "first row",
            id="damaged_header",
        ),
        pytest.param(
            HEADER.replace("City,", "") + FIRST,
            "row 1, column 'City'",
            "question city is missing",
            "all questions",
            id="missing_column",
        ),
        pytest.param(
            HEADER.replace("City", "Citty") + FIRST,
            "row 1, column 3 ('Citty')",
            "nearest label: 'City' (question city)",
            "questions.csv",
            id="misspelt_column",
        ),
        pytest.param(
            HEADER.strip() + ",Mood\n" + FIRST,
            "row 1, column 10 ('Mood')",
            "not in the codebook",
            "delete the column",
            id="extra_column",
        ),
        pytest.param(
            HEADER.strip() + ",\n" + FIRST,
            "row 1, column 10 ('')",
            "has no header",
            "delete the column",
            id="unnamed_column",
        ),
        pytest.param(
            HEADER.strip() + ",City\n" + FIRST,
            "row 1, column 10 ('City')",
            "repeated: column 3",
            "delete the repetition",
            id="repeated_column",
        ),
        pytest.param(
            HEADER + FIRST + "x\0y",
            "row 3",
            f"a NUL byte at offset {len(HEADER + FIRST) + 1}",
            "export it again",
            id="nul_byte",
        ),
        pytest.param(
            workbook({"Content": [["a"]]}),
            "extract.csv",
            "but an XLSX workbook",
            "export the responses as CSV",
            id="xlsx",
        ),
        pytest.param(b"PK\x03\x04rubbish", "extract.csv", "damaged or truncated ZIP", "as CSV", id="damaged_zip"),
        pytest.param("<!DOCTYPE html><p>log in", "extract.csv", "but an HTML or XML page", "as CSV", id="login_page"),
        pytest.param(b"%PDF-1.7", "extract.csv", "but a PDF document", "as CSV", id="pdf"),
        pytest.param(b"\xd0\xcf\x11\xe0abc", "extract.csv", "old Excel (.xls)", "as CSV", id="xls"),
    ],
)
def test_bad_file_is_refused(tmp_path: Path, extract: str | bytes, place: str, reason: str, remedy: str) -> None:
    message = _refused(tmp_path, extract)
    assert "rounds/eoi/2021/extract.csv" in message
    assert place in message
    assert reason in message
    assert remedy in message.partition("To do: ")[2]


@pytest.mark.parametrize(
    ("extract", "declared", "place", "reason", "remedy"),
    [
        pytest.param(
            (HEADER + FIRST).replace(",", ";"),
            {"delimiter": "','"},
            "row 1",
            "none of the 1 cells",
            "write `delimiter: ';'`",
            id="other_delimiter",
        ),
        pytest.param(
            (HEADER + FIRST + "É").encode("cp1252"),
            {"encoding": "utf-8"},
            "row 3",
            f"byte 0xc9 at offset {len(HEADER + FIRST)}",
            "`encoding: cp1252`",
            id="cp1252",
        ),
        pytest.param(
            (HEADER + FIRST + "Köln").encode("utf-8"),
            {"encoding": "cp1252"},
            "row 3",
            "the file is UTF-8, not cp1252",
            "`encoding: utf-8`",
            id="utf_8",
        ),
        pytest.param(
            (HEADER + FIRST).encode("utf-16"),
            {"encoding": "utf-8"},
            "row 1",
            "the file is UTF-16",
            "`encoding: utf-16`",
            id="utf_16",
        ),
        pytest.param(
            (HEADER + FIRST).encode("utf-16") + b"\x00",
            {"encoding": "utf-16"},
            "row 3",
            "not utf-16 text",
            "export the file as UTF-8",
            id="utf_16_cut",
        ),
    ],
)
def test_a_file_that_is_not_what_the_card_says_is_refused(
    tmp_path: Path, extract: str | bytes, declared: dict[str, str], place: str, reason: str, remedy: str
) -> None:
    message = _refused(tmp_path, extract, **declared)
    assert place in message
    assert reason in message
    assert remedy in message.partition("To do: ")[2]


def test_every_wrong_column_is_told_at_once(tmp_path: Path) -> None:
    message = _refused(tmp_path, HEADER.replace("City", "X").replace("Adopted on", "Y") + FIRST)
    assert message.count("To do: ") == 4


def test_missing_extract_is_refused(tmp_path: Path) -> None:
    card = deliver(tmp_path / "rounds/eoi/2021", QUESTIONS, CHOICES, "")
    extract_of(card).unlink()
    with pytest.raises(ExtractError, match=r"the extract is missing.*`extract` in round\.yml"):
        read_extract(card, load_codebook(card.folder))


def test_other_file_than_the_card_names_is_refused_with_its_checksum(tmp_path: Path) -> None:
    extract = HEADER + FIRST
    actual = hashlib.sha256(extract.encode()).hexdigest()
    message = _refused(tmp_path, extract, sha256="ab" * 32)
    assert f"its sha256 is {actual}, not {'ab' * 32}" in message
    assert f"write `sha256: {actual}` in round.yml" in message
    assert _read(tmp_path, extract, sha256=actual.upper()).rows_in == 1


def test_utf_8_read_in_another_encoding_would_be_garbled_and_is_refused(tmp_path: Path) -> None:
    message = _refused(tmp_path, HEADER + FIRST.replace("Alpha", "Köln"), encoding="latin-1")
    assert "row 2: the file is UTF-8, not iso8859-1" in message
    assert "`encoding: utf-8`" in message


def test_a_codebook_without_response_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="a question that identifies a response"):
        _read(tmp_path, HEADER + FIRST, with_platform_id())
