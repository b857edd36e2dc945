from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.codebook import load_codebook
from orchestration.readers import ExtractError, ReadResult, read_extract
from tests.orchestration.readers.deliveries import (
    CHOICES,
    METADATA,
    Row,
    Serial,
    deliver,
    eusurvey,
    question,
    records,
    with_platform_id,
    workbook,
)

HEADER = (
    "Name of the respondent",
    "Response code",
    "City",
    "Is there a target?",
    "Which support?",
    "Inhabitants",
    "Share (%)",
    "Adopted on",
    "How pressing are these needs?: Finance",
    *METADATA,
)
ADA = (
    "Ada",
    "x1",
    "Alpha &amp; &lt;Omega&gt;\r\n ",
    "Planned; not adopted",
    "Advice; training; R&amp;D staff",
    42.0,
    1.5,
    Serial(45322),
    2.0,
    "inv-1",
    "id-1",
    "ada@example.org",
    Serial(45393.5),
    Serial(45394),
    "EN",
)
BOB = (
    "Bob",
    "00042",
    "Beta",
    "No target",
    None,
    None,
    None,
    None,
    None,
    None,
    "id-2",
    "bob",
    Serial(45400),
    None,
    "FR",
)
EMPTY = (None,) * len(HEADER)


def _read(tmp_path: Path, content: bytes, questions: Sequence[Row] | None = None, **card: Any) -> ReadResult:
    folder = tmp_path / "rounds/nmc_survey/2024"
    wanted = questions or with_platform_id()
    settings = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx", **card}
    loaded = deliver(folder, wanted, CHOICES, content, **settings)
    return read_extract(loaded, load_codebook(folder))


def _rows(*rows: Sequence[Any], header: Sequence[str] = HEADER, columns_a_sheet: int = 254) -> bytes:
    return workbook(eusurvey(header, rows, columns_a_sheet))


def _refused(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(ExtractError) as error:
        _read(tmp_path, content)
    return str(error.value)


@pytest.mark.parametrize("columns_a_sheet", [254, 11, 6])
def test_sheets_are_joined_by_row_position(tmp_path: Path, columns_a_sheet: int) -> None:
    result = _read(tmp_path, _rows(ADA, BOB, columns_a_sheet=columns_a_sheet))
    assert result.rows_in == 2
    assert result.rejected.num_rows == 0
    about = ("source_sheet", "source_row", "submitted_at", "updated_at", "language")
    assert records(result.responses, "response_id", *about) == [
        ("id-1", "Content", 5, datetime(2024, 4, 11, 12), datetime(2024, 4, 12), "EN"),
        ("id-2", "Content", 6, datetime(2024, 4, 18), None, "FR"),
    ]  # fmt: skip
    columns = ("question_code", "choice_code", "value_text", "value_number", "value_date", "source_column")
    assert records(result.answers, "response_id", *columns) == [
        ("id-1", "code", None, "x1", None, None, 2),
        ("id-1", "city", None, "Alpha & <Omega>", None, None, 3),
        ("id-1", "target", "planned", None, None, None, 4),
        ("id-1", "support", "advice", None, None, None, 5),
        ("id-1", "support", "staff", None, None, None, 5),
        ("id-1", "population", None, None, 42.0, None, 6),
        ("id-1", "share", None, None, 1.5, None, 7),
        ("id-1", "adopted", None, None, None, date(2024, 1, 31), 8),
        ("id-1", "need", "c2", None, None, None, 9),
        ("id-2", "code", None, "00042", None, None, 2),
        ("id-2", "city", None, "Beta", None, None, 3),
        ("id-2", "target", "none", None, None, None, 4),
    ]


def test_personal_columns_and_metadata_reach_no_table(tmp_path: Path) -> None:
    nameless = (*ADA[:10], None, *ADA[11:])
    result = _read(tmp_path, _rows(ADA, nameless, nameless, BOB))
    assert result.rejected.num_rows == 2
    everything = json.dumps(
        [table.to_pylist() for table in (result.responses, result.answers, result.rejected)], default=str
    )
    assert all(secret not in everything for secret in ("Ada", "ada@example.org", "inv-1", "bob", "User Name"))


def test_exactly_filled_sheet_is_followed_by_a_sheet_with_only_a_preamble(tmp_path: Path) -> None:
    sheets = eusurvey(HEADER, [ADA, BOB])
    sheets["Content1"] = sheets["Content"][:3]
    assert _read(tmp_path, workbook(sheets)).rows_in == 2


def test_wide_questionnaire_continues_on_the_second_sheet(tmp_path: Path) -> None:
    questions = [question("integer", f"q{number}", f"Question {number}") for number in range(374)]
    header = [row["label"] for row in questions] + list(METADATA)
    rows = [[*map(float, range(row, row + 374)), None, f"id-{row}", *[None] * 4] for row in range(3)]
    result = _read(tmp_path, _rows(*rows, header=header), questions)
    assert result.answers.num_rows == 3 * 374
    for response, code, number, column in records(
        result.answers, "response_id", "question_code", "value_number", "source_column"
    ):
        assert number == int(response[3:]) + int(code[1:])
        assert column == int(code[1:]) + 1


def test_empty_rows_at_the_end_are_no_rows(tmp_path: Path) -> None:
    blank = ("",) * len(HEADER)
    assert _read(tmp_path, _rows(ADA, BOB, EMPTY, blank)).rows_in == 2


def test_a_question_may_have_the_label_of_a_platform_column(tmp_path: Path) -> None:
    questions = [question("text", "spoken", "Languages"), question("text", "who", "User name ")]
    header = ("Languages", "User name", *METADATA)
    result = _read(tmp_path, _rows(("fr", "us", None, "id", "me", None, None, "EN"), header=header), questions)
    assert records(result.answers, "question_code", "value_text") == [("spoken", "fr"), ("who", "us")]
    assert records(result.responses, "language") == [("EN",)]


def test_platform_columns_but_the_id_may_be_left_out(tmp_path: Path) -> None:
    result = _read(tmp_path, _rows((*ADA[:9], "id-1"), header=(*HEADER[:9], "Contribution ID")))
    assert records(result.responses, "response_id", "submitted_at", "language") == [("id-1", None, None)]


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        pytest.param((*BOB[:10], None, *BOB[11:]), "missing_response_id", "no response id", id="id_missing"),
        pytest.param(EMPTY, "empty_row", "the row is empty", id="row_empty"),
    ],
)
def test_bad_row_is_rejected_with_its_reason_and_the_rest_goes_on(
    tmp_path: Path, row: Sequence[Any], code: str, reason: str
) -> None:
    last = (*BOB[:10], "id-9", *BOB[11:])
    result = _read(tmp_path, _rows(ADA, row, last, columns_a_sheet=9))
    assert records(result.responses, "response_id") == [("id-1",), ("id-9",)]
    assert result.rows_in == 3
    [rejected] = result.rejected.to_pylist()
    assert (rejected["scope"], rejected["reason_code"]) == ("row", code)
    assert rejected["source_file"] == "nmc_survey/2024/extract.xlsx"
    assert (rejected["source_sheet"], rejected["source_row"], rejected["source_column"]) == (
        "Content",
        6,
        None,
    )
    assert reason in rejected["reason"]
    assert "To do: " in rejected["reason"]


@pytest.mark.parametrize(
    ("column", "cell", "code", "sheet"),
    [
        pytest.param(4, "Perhaps", "unknown_choice", "Content", id="unknown_choice"),
        pytest.param(6, "many", "not_a_number", "Content1", id="no_number"),
        pytest.param(8, 2024.0, "not_a_date", "Content1", id="year_as_date"),
        pytest.param(3, "x" * 32767, "text_cut", "Content", id="text_cut"),
        pytest.param(13, "yesterday", "not_a_date", "Content2", id="submission_date"),
    ],
)
def test_bad_answer_is_rejected_with_its_place(tmp_path: Path, column: int, cell: Any, code: str, sheet: str) -> None:
    row = [*ADA]
    row[column - 1] = cell
    result = _read(tmp_path, _rows(row, columns_a_sheet=5))
    [rejected] = result.rejected.to_pylist()
    assert (rejected["scope"], rejected["reason_code"], rejected["response_id"]) == ("answer", code, "id-1")
    assert (rejected["source_sheet"], rejected["source_row"], rejected["source_column"]) == (sheet, 5, column)
    assert "To do: " in rejected["reason"]
    assert result.responses.num_rows == 1
    assert column not in [place for (place,) in records(result.answers, "source_column")]


def _edited(edit: Any, columns_a_sheet: int = 8) -> bytes:
    sheets = eusurvey(HEADER, [ADA, BOB], columns_a_sheet)
    edit(sheets)
    return workbook(sheets)


def _set(sheet: str, row: int, column: int, cell: Any) -> Any:
    def edit(sheets: dict[str, list[list[Any]]]) -> None:
        line = sheets[sheet][row - 1]
        line += [None] * (column - len(line))
        line[column - 1] = cell

    return edit


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _with_flipped_byte(content: bytes) -> bytes:
    """The workbook with a fault inside its first sheet, as a bad copy would have it."""
    info = zipfile.ZipFile(io.BytesIO(content)).getinfo("xl/worksheets/sheet1.xml")
    place = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("extract.csv", "a,b")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        pytest.param(b"", "extract.xlsx", "the file is empty", id="empty"),
        pytest.param(b"a,b\n1,2\n", "extract.xlsx", "but plain text", id="csv"),
        pytest.param(_zip(), "extract.xlsx", "but a ZIP archive", id="zip"),
        pytest.param(b"<html><body>log in", "extract.xlsx", "but an HTML or XML page", id="login_page"),
        pytest.param(b"\xd0\xcf\x11\xe0abc", "extract.xlsx", "password-protected", id="xls_or_password"),
        pytest.param(_cut(_rows(ADA)), "extract.xlsx", "damaged or truncated", id="truncated"),
        pytest.param(_with_flipped_byte(_rows(ADA)), "extract.xlsx", "the workbook is damaged", id="flipped_byte"),
        pytest.param(
            _edited(_set("Content", 1, 1, "Survey")),
            "sheet Content, row 1, column A",
            "start with 'Alias'",
            id="preamble_alias",
        ),
        pytest.param(
            _edited(_set("Content1", 2, 1, None)),
            "sheet Content1, row 2, column A",
            "'Export Date'",
            id="preamble_date",
        ),
        pytest.param(
            _edited(_set("Content1", 3, 2, "note")),
            "sheet Content1, row 3",
            "has to be empty",
            id="preamble_not_empty",
        ),
        pytest.param(
            _edited(lambda sheets: sheets.update(Notes=[["x"]])),
            "extract.xlsx",
            "the sheets are 'Content', 'Content1', 'Notes'",
            id="foreign_sheet",
        ),
        pytest.param(
            _edited(lambda sheets: sheets.pop("Content")),
            "extract.xlsx",
            "the sheets are 'Content1'",
            id="first_sheet_missing",
        ),
        pytest.param(
            _edited(lambda sheets: sheets.pop("Content1")),
            "row 4",
            "question need is missing",
            id="second_sheet_missing",
        ),
        pytest.param(
            _edited(_set("Content", 4, 3, "Town")),
            "sheet Content, row 4, column 3 ('Town')",
            "not in the codebook",
            id="extra_column",
        ),
        pytest.param(
            _edited(_set("Content", 4, 3, "Town")),
            "row 4, column 'City'",
            "question city is missing",
            id="missing_column",
        ),
        pytest.param(
            _edited(_set("Content1", 4, 1, "City")),
            "sheet Content1, row 4, column 9 ('City')",
            "column 3 has the same header",
            id="repeated_column",
        ),
        pytest.param(_edited(_set("Content", 4, 3, None)), "column 3 ('')", "has no header", id="unnamed_column"),
        pytest.param(
            _edited(_set("Content", 5, 9, "x")),
            "sheet Content, row 5, column 9",
            "right of the last header",
            id="stray_cell",
        ),
        pytest.param(
            _edited(_set("Content1", 4, 3, "Contribution")),
            "sheet Content1",
            "the column is missing",
            id="contribution_id_missing",
        ),
        pytest.param(
            _edited(lambda sheets: sheets["Content"].pop(4)),
            "sheet Content, row 6",
            "different numbers of rows of data (Content 1, Content1 2)",
            id="row_missing_on_one_sheet",
        ),
        pytest.param(_rows(), "sheet Content, row 4", "but no response", id="only_a_header"),
        pytest.param(
            _rows(BOB[7:], header=("x", "y", *METADATA)),
            "sheet Content, row 4",
            "no header here",
            id="other_questionnaire",
        ),
        pytest.param(workbook({"Content": [["Alias"], ["Export Date"]]}), "row 4", "no header here", id="no_header"),
        pytest.param(_edited(_set("Content1", 6, 2, "=B1")), "row 6, column B", "formula error", id="formula_error"),
        pytest.param(
            _rows(*[(*BOB[:10], "Anonymous", *BOB[11:])] * 2),
            "column 11 ('Contribution Id')",
            "anonymised",
            id="anonymised",
        ),
    ],
)
def test_bad_file_is_refused(tmp_path: Path, content: bytes, place: str, reason: str) -> None:
    message = _refused(tmp_path, content)
    assert "nmc_survey/2024/extract.xlsx" in message
    assert place in message
    assert reason in message
    assert "To do: " in message


def test_last_row_unanswered_on_one_sheet_is_no_missing_row(tmp_path: Path) -> None:
    """EUSurvey writes a row element on each sheet for each response, even if all its cells stay empty."""
    sheets = eusurvey(HEADER, [ADA, [None] * 8 + [*BOB[8:]]], 8)
    content = _with_empty_row_element(workbook(sheets), "xl/worksheets/sheet1.xml", 6)
    result = _read(tmp_path, content)
    assert records(result.responses, "response_id") == [("id-1",), ("id-2",)]
    assert [code for code, _ in records(result.answers, "response_id", "source_column") if code == "id-2"] == []


def _with_empty_row_element(content: bytes, part: str, row: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                data = data.replace(b"</sheetData>", f'<row r="{row}"></row></sheetData>'.encode())
            target.writestr(name, data)
    return out.getvalue()


def test_a_damaged_byte_anywhere_is_refused_or_harmless(tmp_path: Path) -> None:
    content = _rows(ADA, BOB, columns_a_sheet=8)
    whole = _read(tmp_path, content)
    rng = random.Random(1)
    outcomes = set()
    for _ in range(200):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        try:
            assert _read(tmp_path, bytes(damaged)).answers == whole.answers
            outcomes.add("harmless")
        except ExtractError:
            outcomes.add("refused")
    assert outcomes == {"harmless", "refused"}
