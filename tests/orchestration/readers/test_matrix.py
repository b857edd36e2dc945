"""Every reader against every fault: exact values, or a reason with its place; nothing changes without a word.

The table says what becomes of each fault on each platform. A new platform has to fill its column, a new fault its row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.readers import spss_sav as spss
from orchestration.readers.result import ReadResult
from orchestration.rounds.platforms import PLATFORMS
from tests.orchestration.readers.deliveries import read_round, records
from tests.orchestration.readers.faults import FAULTS, HYPERLINK, LONG_TEXT
from tests.orchestration.readers.platforms import ANSWERS, MATRIX, SECRETS, Delivery

# Response and question.
Place = tuple[str, str]


@dataclass(frozen=True)
class Exact:
    """All answers are landed as they were given, but for what the fault itself says otherwise; nothing is rejected."""

    said: Mapping[Place, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One answer of response 12 is rejected with its place and text; all others are landed."""

    code: str
    question: str
    raw: str


@dataclass(frozen=True)
class Row:
    """The row of a response is rejected as a whole, or, `after` a response, rows that are none; `n` rows in all.

    `gone` are responses that the file no longer has: only a checksum or the number of responses tells.
    """

    code: str
    response: str = "12"
    is_after: bool = False
    n: int = 1
    gone: Sequence[str] = ()


@dataclass(frozen=True)
class Refused:
    """Nothing is landed: a problem with this text names the file and what to do."""

    text: str


@dataclass(frozen=True)
class Superseded:
    """Both submissions are landed, the second as a further one of the same respondent."""


@dataclass(frozen=True)
class Unseen:
    """No reader can see it: other values are landed, unless round.yml names the checksum of the file."""

    why: str


@dataclass(frozen=True)
class Impossible:
    """The platform cannot deliver it."""

    why: str


Outcome = Exact | Answer | Row | Refused | Superseded | Unseen | Impossible

E_BOOK, E_XML, FORMS, LIME, SPSS, CSV, XLSX, ODS, PARQUET = ALL = (
    "eusurvey_xlsx", "eusurvey_xml", "forms_xlsx", "limesurvey_csv", "spss_sav", "delimited", "sheet_xlsx", "sheet_ods",
    "parquet",
)  # fmt: skip
TEXTS = (LIME, CSV)
SHEETS = (FORMS, XLSX, ODS)
ZIPPED = (E_BOOK, *SHEETS)
BINARY = (SPSS, PARQUET)

NO_SEPARATORS = Impossible("cells are not parted by separators or quotes")
NO_CELL_TO_SHIFT = Impossible("a cell has an address: only a person can move it, which then is an edit like any other")
NO_HEADER_ROW = Impossible("what a column holds is said once, not in a row")
NO_PLAIN_TEXT = Impossible("the encoding is inside, and the same in every file")
NO_SHEETS = Impossible("the file has no sheets")
NO_MARKUP = Impossible("the file has no markup")
UNREADABLE_ZIP = Refused("a damaged or truncated ZIP archive or workbook")
DAMAGED = Refused("the file is truncated or damaged")
NO_CHECKSUM = Unseen("the format has no checksum")
REMARK = ("12", "remark")

TABLE: Mapping[str, Mapping[Sequence[str], Outcome]] = {
    "unknown choice": {ALL: Answer("unknown_choice", "target", "Perhaps")},
    "unknown choice among several": {
        (E_BOOK, CSV, XLSX, ODS): Answer("unknown_choice", "support", "Money; Rest"),
        (E_XML,): Answer("unknown_choice", "support", "a-money;Rest"),
        (FORMS,): Answer("unknown_choice", "support", "Money;Rest;"),
        (PARQUET,): Answer("unknown_choice", "support", "Money;Rest"),
        (LIME,): Refused("row 1, column 11 ('q_support[SQ90]'): the column is not in the codebook"),
        (SPSS,): Refused("column 8 ('SUPPORT_4'): the column is not in the codebook"),
    },
    "choice in other case": {ALL: Answer("unknown_choice", "target", "NO TARGET")},
    "choice with no-break and zero-width spaces": {ALL: Exact()},
    "number with unit": {ALL: Answer("not_a_number", "population", "42 km²")},
    "decimal comma": {ALL: Answer("not_a_number", "share", "0,25")},
    "comma between thousands": {ALL: Answer("not_a_number", "population", "1,042")},
    "fraction of a whole number": {ALL: Answer("not_a_number", "population", "42.5")},
    "impossible date": {ALL: Answer("not_a_date", "adopted", "1999-02-31")},
    "year for a date": {ALL: Answer("not_a_date", "adopted", "1999")},
    "day and month in words": {ALL: Answer("not_a_date", "adopted", "31 Dec 1999")},
    "formula text": {ALL: Exact({REMARK: HYPERLINK})},
    "10 MB cell": {
        (*ZIPPED, E_XML, PARQUET): Exact({REMARK: LONG_TEXT}),
        TEXTS: Row("not_csv"),
        (SPSS,): Impossible("a text of SPSS has 32,767 bytes at most"),
    },
    "e-mail address in free text": {ALL: Exact({REMARK: "write to [e-mail removed], please"})},
    "missing id": {ALL: Row("missing_response_id")},
    "duplicate id": {ALL: Superseded()},
    "empty row": {
        (*ZIPPED, *TEXTS, *BINARY): Row("empty_row", is_after=True),
        (E_XML,): Row("missing_response_id", is_after=True),
    },
    "blank rows at the end": {
        (*ZIPPED, *TEXTS): Exact(),
        BINARY: Row("empty_row", "13", is_after=True, n=3),
        (E_XML,): Row("missing_response_id", "13", is_after=True, n=3),
    },
    "header twice": {
        (*ZIPPED, *TEXTS, PARQUET): Row("repeated_header", is_after=True),
        (E_XML, SPSS): NO_HEADER_ROW,
    },
    "no response": {
        (*ZIPPED, *TEXTS): Refused("has a header, but no response"),
        (E_XML,): Refused("the file has a form, but no contribution"),
        (SPSS,): Refused("the file has variables, but no case"),
        (PARQUET,): Refused("the file has columns, but no row"),
    },
    "missing column": {ALL: Refused("column 'Is there a target?': the column of question target is missing")},
    "extra column": {
        (E_BOOK,): Refused("sheet Content1, row 4, column 9 ('Mayor'): the column is not in the codebook"),
        (E_XML,): Refused("column 9 ('Mayor'): the column is not in the codebook"),
        (FORMS,): Refused("sheet Sheet1, row 1, column 14 ('Mayor'): the column is not in the codebook"),
        (LIME,): Refused("row 1, column 15 ('Mayor'): the column is not in the codebook"),
        (SPSS,): Refused("column 12 ('MAYOR'): the column is not in the codebook"),
        (CSV,): Refused("row 1, column 10 ('Mayor'): the column is not in the codebook"),
        (XLSX, ODS): Refused("sheet Answers, row 1, column 10 ('Mayor'): the column is not in the codebook"),
        (PARQUET,): Refused("column 10 ('Mayor'): the column is not in the codebook"),
    },
    "repeated column": {
        (E_BOOK,): Refused("column 9 ('Is there a target?'): the column is repeated: column 3 has the same header"),
        (FORMS,): Refused("column 14 ('Is there a target?'): the column is repeated: column 8 has the same header"),
        (LIME,): Refused("column 15 ('q_target'): the column is repeated: column 7 has the same header"),
        (CSV, XLSX, ODS, PARQUET): Refused(
            "column 10 ('Is there a target?'): the column is repeated: column 4 has the same header"
        ),
        (E_XML,): Refused("column 9 ('Is there a target?'): the column is not in the codebook"),
        (SPSS,): Refused("column 12 ('Is there a target?'): the column is not in the codebook"),
    },
    "blank label": {
        (*ZIPPED, *TEXTS, PARQUET): Refused("(''): the column has no header"),
        (E_XML, SPSS): Exact(),
    },
    "one extra separator": {
        (*SHEETS, *TEXTS): Row("wrong_field_count"),
        (E_BOOK,): Refused("sheet Content1, row 6, column 7: the cell stands right of the last header cell"),
        (E_XML, *BINARY): NO_SEPARATORS,
    },
    "one separator too few": {
        TEXTS: Row("wrong_field_count"),
        ZIPPED: NO_CELL_TO_SHIFT,
        (E_XML, *BINARY): NO_SEPARATORS,
    },
    "stray quote": {TEXTS: Row("not_csv"), (*ZIPPED, E_XML, *BINARY): NO_SEPARATORS},
    "quote never closed": {TEXTS: Row("not_csv"), (*ZIPPED, E_XML, *BINARY): NO_SEPARATORS},
    "UTF-16 without mark": {
        TEXTS: Refused("a NUL byte at offset 1"),
        (E_XML,): Refused("row 1: the file is truncated or damaged: encoding"),
        (*ZIPPED, *BINARY): NO_PLAIN_TEXT,
    },
    "UTF-16 with mark": {
        TEXTS: Refused("write `encoding: utf-16` in round.yml"),
        (E_XML,): Refused("row 1: the file is truncated or damaged: encoding"),
        (*ZIPPED, *BINARY): NO_PLAIN_TEXT,
    },
    "cp1252 bytes in UTF-8": {
        # LimeSurvey writes the mark of UTF-8: then the file is UTF-8 for certain, and only the row is damaged.
        (LIME,): Row("not_utf8"),
        (CSV,): Refused("row 4: not utf-8 text: byte 0xea"),
        (E_XML,): Refused("row 3: the file is truncated or damaged: not well-formed (invalid token)"),
        ZIPPED: Refused("the workbook is damaged"),
        (SPSS,): Refused("its texts are not in the encoding that the file says"),
        (PARQUET,): DAMAGED,
    },
    "byte order mark": {(*TEXTS, E_XML): Exact(), (*ZIPPED, *BINARY): NO_PLAIN_TEXT},
    "Windows line ends": {(*TEXTS, E_XML): Exact(), (*ZIPPED, *BINARY): NO_PLAIN_TEXT},
    "old Macintosh line ends": {(*TEXTS, E_XML): Exact(), (*ZIPPED, *BINARY): NO_PLAIN_TEXT},
    "truncated in the first row": {
        TEXTS: Row("not_csv", "11", n=2, gone=("12", "13")),
        ZIPPED: UNREADABLE_ZIP,
        (E_XML, *BINARY): DAMAGED,
    },
    "truncated in the middle": {
        (LIME,): Row("not_csv", gone=("13",)),
        (CSV,): Unseen("a last text without quotes may end anywhere, and the last line without a line end"),
        ZIPPED: UNREADABLE_ZIP,
        (E_XML, *BINARY): DAMAGED,
    },
    "truncated in the last row": {
        TEXTS: Row("not_csv", "13"),
        ZIPPED: UNREADABLE_ZIP,
        (E_XML, *BINARY): DAMAGED,
    },
    "truncated by a byte": {TEXTS: Exact(), ZIPPED: UNREADABLE_ZIP, (E_XML, *BINARY): DAMAGED},
    "flipped bit": {
        (*TEXTS, E_XML, SPSS): NO_CHECKSUM,
        ZIPPED: Refused("the workbook is damaged"),
        (PARQUET,): DAMAGED,
    },
    "file of another day": {ALL: Refused("the file is not the one that round.yml names")},
    "empty file": {ALL: Refused("the file is empty")},
    "blank file": {ALL: Refused("the file is empty")},
    "PDF": {ALL: Refused("as its platform says, but a PDF document")},
    "login page": {
        (*ZIPPED, *TEXTS, *BINARY): Refused("as its platform says, but an HTML or XML page"),
        (E_XML,): Refused("the file declares a document type"),
    },
    "ZIP of something": {ALL: Refused("as its platform says, but a ZIP archive")},
    "another platform's workbook": {
        (E_BOOK,): Refused("the sheets are 'Other', not 'Content'"),
        (FORMS,): Refused("column 'ID': the column is missing"),
        (XLSX, ODS): Refused("sheet Other, row 1: no header here: none of the 2 cells of the row is a label"),
        (E_XML, *TEXTS, *BINARY): Refused("as its platform says, but an XLSX workbook"),
    },
    "another questionnaire in text": {
        TEXTS: Refused("row 1: no header here: none of the 2 cells of the row is a label"),
        (*ZIPPED, E_XML, *BINARY): Refused("as its platform says, but plain text or another kind of file"),
    },
    "sheets in another order": {ZIPPED: Exact(), (E_XML, *TEXTS, *BINARY): NO_SHEETS},
    "extra sheet": {
        (E_BOOK,): Refused("the sheets are 'Notes', 'Content', 'Content1'"),
        SHEETS: Refused("several sheets have content: 'Notes', "),
        (E_XML, *TEXTS, *BINARY): NO_SHEETS,
    },
    "formula error in a hidden row": {
        (E_BOOK,): Refused("sheet Content, row 6, column E: the cell holds a formula error"),
        (FORMS,): Refused("sheet Sheet1, row 3, column J: the cell holds a formula error"),
        (XLSX, ODS): Refused("sheet Answers, row 3, column F: the cell holds a formula error"),
        (E_XML, *TEXTS, *BINARY): NO_SHEETS,
    },
    "merged cells": {
        (E_BOOK,): Exact(),
        (FORMS,): Refused("sheet Sheet1, column B3:C3: cells are merged"),
        (XLSX,): Refused("sheet Answers, column B3:C3: cells are merged"),
        (ODS,): Refused("sheet Answers, column C3:D3: cells are merged"),
        (E_XML, *TEXTS, *BINARY): NO_SHEETS,
    },
    "entity bomb": {
        (E_XML,): Refused("row 2: the file declares a document type or entities"),
        ZIPPED: Refused("the workbook declares a document type or entities"),
        (*TEXTS, *BINARY): NO_MARKUP,
    },
    "external entity": {
        (E_XML,): Refused("row 2: the file declares a document type or entities"),
        ZIPPED: Refused("the workbook declares a document type or entities"),
        (*TEXTS, *BINARY): NO_MARKUP,
    },
}  # fmt: skip
EXPECTED = {
    (fault, name): outcome for fault, columns in TABLE.items() for names, outcome in columns.items() for name in names
}


class _Kept:
    """One process that reads all SPSS files of these tests: to start one takes longer than to read."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def __call__(self, *_: Any, **__: Any) -> _Kept:
        return self

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open."""

    def submit(self, *call: Any) -> Future[Any]:
        return self._pool.submit(*call)

    def shutdown(self) -> None:
        self._pool.shutdown()


@pytest.fixture(autouse=True, scope="module")
def one_process_for_spss() -> Iterator[None]:
    kept = _Kept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spss, "ProcessPoolExecutor", kept)
        yield
    kept.shutdown()


def _read(name: str, content: bytes, **card: Any) -> ReadResult:
    """Read one file; the problems of a refusal name it as its folder is of no account."""
    with TemporaryDirectory() as folder:
        return read_round(MATRIX[name].deliver(Path(folder) / "city" / "2024", content, **card))


@cache
def _sound(name: str) -> ReadResult:
    return _read(name, MATRIX[name].write(Delivery()))


def _landed(result: ReadResult) -> dict[Place, Any]:
    """The value of each answer; of several choices a tuple. The id of a response is no answer."""
    found: dict[Place, Any] = {}
    for row in result.answers.to_pylist():
        place = (row["response_id"], row["question_code"])
        if place[1] == "support":
            found[place] = (*found.get(place, ()), row["choice_code"])
        elif place[1] != "code":
            assert place not in found
            found[place] = next(
                row[kind]
                for kind in ("choice_code", "value_text", "value_number", "value_date")
                if row[kind] is not None
            )
    return found


def _without(*responses: str) -> dict[Place, Any]:
    return {place: value for place, value in ANSWERS.items() if place[0] not in responses}


@pytest.mark.parametrize("name", MATRIX)
def test_the_sound_file_of_each_platform_says_the_same(name: str) -> None:
    sound = _sound(name)
    assert _landed(sound) == ANSWERS
    assert records(sound.responses, "response_id", "respondent_id", "status") == [
        (each, each, "complete") for each in ("11", "12", "13")
    ]
    _check_account(sound, rejected_rows=0)


def test_the_table_has_an_outcome_for_every_fault_on_every_platform() -> None:
    assert {column.platform for column in MATRIX.values()} == set(PLATFORMS)
    assert EXPECTED.keys() == {(fault, name) for fault in FAULTS for name in MATRIX}
    assert len(EXPECTED) == sum(len(names) for columns in TABLE.values() for names in columns)


def test_what_cannot_be_is_not_made() -> None:
    made = {
        (fault, name)
        for fault, made in FAULTS.items()
        for name in MATRIX
        if not isinstance(made.file, Mapping) or name in made.file
    }
    assert {cell for cell, outcome in EXPECTED.items() if not isinstance(outcome, Impossible)} <= made


@pytest.mark.parametrize(
    ("fault", "name"), [cell for cell, outcome in EXPECTED.items() if not isinstance(outcome, Impossible)]
)
def test_a_fault_is_read_exactly_or_told_with_its_reason(fault: str, name: str) -> None:
    outcome = EXPECTED[fault, name]
    content = FAULTS[fault].written(name, MATRIX[name])
    if isinstance(outcome, Refused):
        _check_refused(name, content, outcome.text, **FAULTS[fault].card)
        return
    result = _read(name, content, **FAULTS[fault].card)
    if isinstance(outcome, Exact):
        assert _landed(result) == {**ANSWERS, **outcome.said}
        _check_account(result, rejected_rows=0)
        assert result.rejected.num_rows == 0
    elif isinstance(outcome, Answer):
        _check_answer(name, result, outcome)
    elif isinstance(outcome, Row):
        _check_row(name, result, outcome)
        if outcome.gone:
            _check_checksum_tells(name, content)
    elif isinstance(outcome, Superseded):
        _check_superseded(result)
    else:
        assert _landed(result) != ANSWERS
        _check_checksum_tells(name, content)


def _check_refused(name: str, content: bytes, text: str, **card: Any) -> None:
    with pytest.raises(ExtractError) as raised:
        _read(name, content, **card)
    assert text in str(raised.value)
    for problem in raised.value.problems:
        assert problem.file.endswith(MATRIX[name].extract)
        assert problem.reason
        assert problem.remedy
        assert f"To do: {problem.remedy}." in str(problem)
    assert not any(secret in str(raised.value) for secret in SECRETS)


def _check_checksum_tells(name: str, content: bytes) -> None:
    sound = hashlib.sha256(MATRIX[name].write(Delivery())).hexdigest()
    _check_refused(name, content, "the file is not the one that round.yml names", sha256=sound)


def _check_account(result: ReadResult, rejected_rows: int) -> None:
    """Every row that came in is a response or a rejected row, and nothing of a person is in any table."""
    assert sum(row["scope"] == "row" for row in result.rejected.to_pylist()) == rejected_rows
    assert result.rows_in == result.responses.num_rows + rejected_rows
    tables = (result.responses, result.answers, result.rejected)
    assert not any(secret in str(table.to_pylist()) for table in tables for secret in SECRETS)


def _check_answer(name: str, result: ReadResult, outcome: Answer) -> None:
    place = ("12", outcome.question)
    assert _landed(result) == {key: value for key, value in ANSWERS.items() if key != place}
    _check_account(result, rejected_rows=0)
    assert result.rows_in == 3
    (rejected,) = result.rejected.to_pylist()
    where = ("response_id", "question_code", "source_row", "source_column")
    (sound,) = [row for row in records(_sound(name).answers, *where) if row[:2] == place]
    assert tuple(rejected[key] for key in where) == sound
    assert rejected["source_file"] == f"city/2024/{MATRIX[name].extract}"
    assert (rejected["scope"], rejected["reason_code"], rejected["raw"]) == ("answer", outcome.code, outcome.raw)
    assert "To do: " in rejected["reason"]


def _check_row(name: str, result: ReadResult, outcome: Row) -> None:
    lost = outcome.gone if outcome.is_after else (outcome.response, *outcome.gone)
    assert _landed(result) == _without(*lost)
    _check_account(result, rejected_rows=outcome.n)
    assert result.rejected.num_rows == outcome.n
    rows = dict(records(_sound(name).responses, "response_id", "source_row"))
    first = rows[outcome.response] + outcome.is_after
    for row, rejected in enumerate(result.rejected.to_pylist(), first):
        assert (rejected["source_file"], rejected["source_row"]) == (f"city/2024/{MATRIX[name].extract}", row)
        assert (rejected["scope"], rejected["response_id"], rejected["question_code"]) == ("row", None, None)
        assert "To do: " in rejected["reason"]
        raw = json.loads(rejected["raw"])
        assert outcome.is_after or "withheld" in raw or "All is well" in raw.values()
    assert result.rejected["reason_code"][0].as_py() == outcome.code


def _check_superseded(result: ReadResult) -> None:
    again = {("12#2", question): value for (response, question), value in ANSWERS.items() if response == "12"}
    assert _landed(result) == {**ANSWERS, **again, ("12#2", "remark"): "Said anew"}
    _check_account(result, rejected_rows=0)
    assert result.rejected.num_rows == 0
    assert records(result.responses, "response_id", "respondent_id") == [
        ("11", "11"), ("12", "12"), ("12#2", "12"), ("13", "13"),
    ]  # fmt: skip
