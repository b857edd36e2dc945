from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import (
    CHOICES,
    Row,
    Serial,
    deliver,
    question,
    records,
    without_personal,
    workbook,
)
from tests.orchestration.readers.spreadsheets import ODS_ERROR, edited, ods, zipped

HEADER = (
    "Response code",
    "City",
    "Is there a target?",
    "Which support?",
    "Inhabitants",
    "Share (%)",
    "Adopted on",
    "How pressing are these needs?: Finance",
)
FIRST = ("00042", "Alpha", "Existing", "Money; Advice; training", 42.0, 1.5, Serial(45322), 2.0)
SECOND = ("r2", "Beta", "none", None, 7.0, None, None, "3 = high need")
EMPTY = (None,) * 8
ANSWERS = [
    ("00042", "code", None, "00042", None, None, 1),
    ("00042", "city", None, "Alpha", None, None, 2),
    ("00042", "target", "existing", None, None, None, 3),
    ("00042", "support", "money", None, None, None, 4),
    ("00042", "support", "advice", None, None, None, 4),
    ("00042", "population", None, None, 42.0, None, 5),
    ("00042", "share", None, None, 1.5, None, 6),
    ("00042", "adopted", None, None, None, date(2024, 1, 31), 7),
    ("00042", "need", "c2", None, None, None, 8),
    ("r2", "code", None, "r2", None, None, 1),
    ("r2", "city", None, "Beta", None, None, 2),
    ("r2", "target", "none", None, None, None, 3),
    ("r2", "population", None, None, 7.0, None, 5),
    ("r2", "need", "c3", None, None, None, 8),
]


def _read(tmp_path: Path, content: bytes, questions: Sequence[Row] | None = None, **card: Any) -> ReadResult:
    folder = tmp_path / "rounds/nmc_survey/2024"
    settings = {"platform": "sheet", "extract": "extract.xlsx", **card}
    loaded = deliver(folder, questions or without_personal(), CHOICES, content, **settings)
    return read_extract(loaded, load_codebook(folder))


def _refused(tmp_path: Path, content: bytes, **card: Any) -> str:
    with pytest.raises(ExtractError) as error:
        _read(tmp_path, content, **card)
    return str(error.value)


def _answers(result: ReadResult) -> list[tuple[Any, ...]]:
    columns = ("question_code", "choice_code", "value_text", "value_number", "value_date", "source_column")
    return records(result.answers, "response_id", *columns)


def _of(rows: Sequence[Sequence[Any]], sheet: str = "Answers") -> bytes:
    return workbook({sheet: rows})


def _as_ods(row: Sequence[Any]) -> list[Any]:
    return [date(2024, 1, 31) if isinstance(cell, Serial) else cell for cell in row]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_of([HEADER, FIRST, SECOND]), id="xlsx"),
        pytest.param(ods({"Answers": [HEADER, _as_ods(FIRST), SECOND]}), id="ods"),
        pytest.param(
            edited(
                _of([HEADER, FIRST, SECOND]),
                "[Content_Types].xml",
                lambda xml: xml.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"),
            ),
            id="xlsm",
        ),
    ],
)
def test_cells_are_exact(tmp_path: Path, content: bytes) -> None:
    result = _read(tmp_path, content)
    assert (result.rows_in, result.rejected.num_rows) == (2, 0)
    assert _answers(result) == ANSWERS
    about = ("source_file", "source_sheet", "source_row")
    assert records(result.responses, "response_id", *about) == [
        ("00042", "nmc_survey/2024/extract.xlsx", "Answers", 2),
        ("r2", "nmc_survey/2024/extract.xlsx", "Answers", 3),
    ]


@pytest.mark.parametrize("is_ods", [False, True])
def test_numbers_and_truths_in_text_questions_read_as_typed(tmp_path: Path, is_ods: bool) -> None:
    questions = [question("text", "code", "Code", role="response_id"), question("text", "said", "Said")]
    rows = [["Code", "Said"], [1.0, "00042"], [2.5, "=1+1"]]
    if is_ods:
        content = ods({"A": [*rows, [3.0, True]]})
    else:
        content = edited(
            _of([*rows[:2], [2.5, "+1+1"], [3.0, 1.0]], "A"),
            "xl/worksheets/sheet1.xml",
            lambda xml: xml.replace(b'<c r="B4"><v>1</v>', b'<c r="B4" t="b"><v>1</v>'),
        )
    said = {
        code: text
        for code, name, text in records(
            _read(tmp_path, content, questions).answers, "response_id", "question_code", "value_text"
        )
        if name == "said"
    }
    assert said == {"1": "00042", "2.5": "=1+1" if is_ods else "+1+1", "3": "TRUE"}


def test_blank_rows_above_the_header_and_at_the_end_are_no_rows(tmp_path: Path) -> None:
    result = _read(tmp_path, _of([EMPTY, EMPTY, HEADER, FIRST, EMPTY]))
    assert records(result.responses, "response_id", "source_row") == [("00042", 4)]


def test_a_column_without_header_and_content_is_no_column(tmp_path: Path) -> None:
    apart = [[*row[:3], None, *row[3:]] for row in (HEADER, FIRST, SECOND)]
    result = _read(tmp_path, _of(apart))
    moved = [(*answer[:-1], answer[-1] + (answer[-1] > 3)) for answer in ANSWERS]
    assert _answers(result) == moved


def test_rows_that_are_hidden_are_read(tmp_path: Path) -> None:
    content = edited(
        _of([HEADER, FIRST, SECOND]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="2"', b'<row r="2" hidden="1"'),
    )
    assert _answers(_read(tmp_path, content)) == ANSWERS


def test_the_sheet_of_the_responses_is_the_one_that_is_named_or_the_only_one_with_content(tmp_path: Path) -> None:
    notes = [["Notes"], ["=A1"]]
    both = workbook({"Notes": notes, "Answers": [HEADER, FIRST, SECOND]})
    assert _answers(_read(tmp_path, both, sheet="Answers")) == ANSWERS
    alone = workbook({"Empty": [], "Answers": [HEADER, FIRST, SECOND]})
    assert _answers(_read(tmp_path, alone)) == ANSWERS
    hidden = edited(
        both,
        "xl/workbook.xml",
        lambda xml: xml.replace(b'name="Notes" ', b'name="Notes" state="hidden" ').replace(
            b'activeTab="0"', b'activeTab="1"'
        ),
    )
    assert _answers(_read(tmp_path, hidden)) == ANSWERS


def test_several_files_are_one_round(tmp_path: Path) -> None:
    folder = tmp_path / "rounds/nmc_survey/2024"
    loaded = deliver(folder, without_personal(), CHOICES, _of([HEADER, FIRST]), platform="sheet", extract="a.xlsx")
    (folder / "b.ods").write_bytes(ods({"X": [HEADER, _as_ods(SECOND)]}))
    loaded = loaded.model_copy(update={"extract": ("a.xlsx", "b.ods")})
    result = read_extract(loaded, load_codebook(folder))
    assert _answers(result) == ANSWERS
    assert records(result.responses, "source_file", "source_sheet", "position") == [
        ("nmc_survey/2024/a.xlsx", "Answers", 1),
        ("nmc_survey/2024/b.ods", "X", 2),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param((*FIRST, None, "note"), "wrong_field_count", id="cell_right_of_the_header"),
        pytest.param(HEADER, "repeated_header", id="header_twice"),
        pytest.param(EMPTY, "empty_row", id="empty_row"),
        pytest.param((None, *FIRST[1:]), "missing_response_id", id="no_id"),
    ],
)
def test_a_bad_row_is_rejected_alone(tmp_path: Path, row: Sequence[Any], code: str) -> None:
    result = _read(tmp_path, _of([HEADER, row, SECOND]))
    assert result.rows_in == 2
    [rejected] = result.rejected.to_pylist()
    place = ("scope", "reason_code", "source_file", "source_sheet", "source_row")
    assert [rejected[key] for key in place] == ["row", code, "nmc_survey/2024/extract.xlsx", "Answers", 2]
    assert "To do: " in rejected["reason"]
    assert _answers(result) == ANSWERS[9:]


def test_a_cell_right_of_the_header_is_withheld_where_columns_are_personal(tmp_path: Path) -> None:
    questions = [question("text", "who", "Name", is_personal="yes"), question("text", "c", "Code", role="response_id")]
    result = _read(tmp_path, _of([["Name", "Code"], ["Ada", "1"], ["Bob", "2", "Ada's note"]]), questions)
    [rejected] = result.rejected.to_pylist()
    assert "Bob" not in str(rejected)
    assert "note" not in str(rejected["raw"])
    assert "withheld" in rejected["raw"]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        pytest.param(2, "x" * 32767, "text_cut", id="full_cell"),
        pytest.param(2, "😀" * 16383 + "x", "text_cut", id="full_cell_of_emoji"),
        pytest.param(3, "Perhaps", "unknown_choice", id="unknown_choice"),
        pytest.param(5, "many", "not_a_number", id="not_a_number"),
        pytest.param(7, 2024.0, "not_a_date", id="year_as_date"),
    ],
)
def test_a_bad_answer_is_rejected_with_its_place(tmp_path: Path, column: int, cell: Any, code: str) -> None:
    row = [*FIRST]
    row[column - 1] = cell
    result = _read(tmp_path, _of([HEADER, row]))
    [rejected] = result.rejected.to_pylist()
    keys = ("scope", "reason_code", "source_sheet", "source_row", "source_column", "raw")
    raw = cell if isinstance(cell, str) else "2024"
    assert tuple(rejected[key] for key in keys) == ("answer", code, "Answers", 2, column, raw)
    assert _answers(result) == [answer for answer in ANSWERS[:9] if answer[-1] != column]


def test_a_cell_of_ten_megabytes_is_read_exactly(tmp_path: Path) -> None:
    content = edited(_of([HEADER, FIRST]), "xl/sharedStrings.xml", lambda xml: xml.replace(b"Alpha", b"A" * 10_000_000))
    (text,) = [text for name, text in records(_read(tmp_path, content).answers, "question_code", "value_text")
               if name == "city"]  # fmt: skip
    assert text == "A" * 10_000_000


def test_texts_are_whole_in_ods_however_long(tmp_path: Path) -> None:
    row = [FIRST[0], "x" * 32767, *_as_ods(FIRST)[2:]]
    result = _read(tmp_path, ods({"A": [HEADER, row]}))
    assert result.rejected.num_rows == 0


def _bomb() -> bytes:
    """A workbook whose files unpack to more than a megabyte."""
    content = _of([HEADER, FIRST])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files: Mapping[str, bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**files, "xl/media/zeros.bin": b"\0" * (1 << 20)})


def _ods_row(cell: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cell}</table:table-row>'


_MERGED = '<table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>a</text:p></table:table-cell><table:covered-table-cell/>'  # noqa: E501
_WIDE = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="1000"/>'


def _flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def _merge(content: bytes, ref: str) -> bytes:
    merge = f'<mergeCells count="1"><mergeCell ref="{ref}"/></mergeCells>'.encode()
    return edited(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merge)
    )


def _far(content: bytes) -> bytes:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return edited(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", row))


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        pytest.param(b"a,b\n", "extract.xlsx", "but plain text", id="csv"),
        pytest.param(b"\xd0\xcf\x11\xe0abc", "extract.xlsx", "an old Excel workbook (.xls)", id="xls"),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "extract.xlsx",
            "a password-protected workbook",
            id="encrypted",
        ),
        pytest.param(zipped({"xl/workbook.bin": b""}), "extract.xlsx", "a binary Excel workbook (.xlsb)", id="xlsb"),
        pytest.param(
            ods({"A": [HEADER, SECOND]}, "<encryption-data/>"), "extract.xlsx", "by a password", id="encrypted_ods"
        ),
        pytest.param(_of([HEADER, FIRST])[:2000], "extract.xlsx", "damaged or truncated", id="truncated"),
        pytest.param(_flipped(_of([HEADER, FIRST])), "extract.xlsx", "damaged", id="flipped_byte"),
        pytest.param(_flipped(ods({"A": [HEADER, *[SECOND] * 99]})), "extract.xlsx", "damaged", id="flipped_byte_ods"),
        pytest.param(zipped({"mimetype": "x"}), "extract.xlsx", "damaged", id="ods_without_content"),
        pytest.param(_of([]), "extract.xlsx, sheet Answers", "the sheet is empty", id="empty_sheet"),
        pytest.param(_of([HEADER]), "sheet Answers, row 1", "but no response", id="only_a_header"),
        pytest.param(
            _of([["Survey of cities"], ["2024"], HEADER, FIRST]),
            "sheet Answers, row 1",
            "row 3 looks like the header: delete rows 1 to 2 above it",
            id="preamble",
        ),
        pytest.param(_of([["a", "b"], ["c", "d"]]), "row 1", "no header here", id="other_questionnaire"),
        pytest.param(
            workbook({"One": [HEADER, FIRST], "Two": [HEADER, SECOND]}),
            "extract.xlsx",
            "several sheets have content: 'One', 'Two'",
            id="two_sheets",
        ),
        pytest.param(
            _of([HEADER, [*FIRST[:4], "=A1", "=B1"], [*FIRST[:4], "=A1"]]),
            "sheet Answers, row 3, column E",
            "formula error",
            id="formula_error",
        ),
        pytest.param(
            ods({"Answers": [HEADER, [*SECOND[:4], ODS_ERROR]]}),
            "sheet Answers, row 2, column E",
            "formula error",
            id="formula_error_ods",
        ),
        pytest.param(
            _merge(_of([HEADER, FIRST]), "B2:C2"), "sheet Answers, column B2:C2", "cells are merged", id="merged"
        ),
        pytest.param(
            ods({"A": [HEADER, [*SECOND[:2], _MERGED]]}), "sheet A, column C2:D2", "cells are merged", id="merged_ods"
        ),
        pytest.param(_far(_of([HEADER, FIRST])), "sheet Answers", "cells as far as XFD1048576", id="far_cell"),
        pytest.param(
            ods({"A": [HEADER, _ods_row(_WIDE, 100_000)]}), "sheet A", "cells as far as ALL100001", id="repeated_ods"
        ),
        pytest.param(
            _of([[*HEADER[:7], "Town"], FIRST]), "column 8 ('Town')", "not in the codebook", id="extra_column"
        ),
        pytest.param(_of([HEADER[:7], FIRST[:7]]), "row 1", "question need is missing", id="missing_column"),
        pytest.param(_of([(*HEADER, "City"), (*FIRST, "x")]), "column 9 ('City')", "repeated", id="repeated_column"),
        pytest.param(
            _of([[*HEADER[:3], None, *HEADER[3:]], [*FIRST[:3], "x", *FIRST[3:]]]),
            "column 4 ('')",
            "has no header",
            id="unnamed_column",
        ),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, place: str, reason: str) -> None:
    message = _refused(tmp_path, content)
    assert "nmc_survey/2024/extract.xlsx" in message
    assert place in message
    assert reason in message
    assert "To do: " in message


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_READING__WORKBOOK_SIZE", str(1 << 20))
    message = _refused(tmp_path, _bomb())
    assert "the workbook unpacks to" in message
    assert "more than the 1,048,576 that are read" in message


def test_every_formula_error_is_named_at_once(tmp_path: Path) -> None:
    message = _refused(tmp_path, _of([HEADER, [*FIRST[:4], "=A1", "=B1"], [*FIRST[:4], "=A1"]]))
    assert all(place in message for place in ("row 2, column E", "row 2, column F", "row 3, column E"))


def test_a_sheet_that_is_not_there_is_named_beside_those_that_are(tmp_path: Path) -> None:
    message = _refused(tmp_path, _of([HEADER, FIRST]), sheet="Replies")
    assert "the workbook has no sheet 'Replies'; it has 'Answers'" in message
    assert "correct `sheet` in round.yml" in message


def test_blank_cells_to_the_end_of_an_ods_sheet_cost_nothing(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    content = ods({"A": [HEADER, _as_ods(FIRST), SECOND, _ods_row(blank, 1_048_573)]})
    assert _answers(_read(tmp_path, content)) == ANSWERS


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_of([HEADER, FIRST, SECOND]), id="xlsx"),
        pytest.param(ods({"Answers": [HEADER, _as_ods(FIRST), SECOND]}), id="ods"),
    ],
)
def test_a_damaged_byte_anywhere_is_refused_or_harmless(tmp_path: Path, content: bytes) -> None:
    rng = random.Random(1)
    outcomes = set()
    for _ in range(120):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        try:
            assert _answers(_read(tmp_path, bytes(damaged))) == ANSWERS
            outcomes.add("harmless")
        except ExtractError:
            outcomes.add("refused")
    assert outcomes == {"harmless", "refused"}
