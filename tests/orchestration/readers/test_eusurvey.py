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

from orchestration.extracts.errors import ExtractError
from orchestration.readers import eusurvey_xlsx as eusurvey_reader
from orchestration.readers import overflow
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import QUESTION_COLUMNS, load_codebook
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
from tests.orchestration.readers.deliveries import (
    choices as listed,
)
from tests.orchestration.readers.spreadsheets import exported_by_eusurvey

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
        pytest.param(b"\xd0\xcf\x11\xe0abc", "extract.xlsx", "an old Excel workbook (.xls)", id="xls"),
        pytest.param(
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "extract.xlsx",
            "password-protected",
            id="password",
        ),
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


UUIDS = [f"0000000{number}-1111-2222-3333-444444444444" for number in range(10)]


def _with_text(text: str, number: int) -> list[Any]:
    """A response whose city is a given text."""
    return [*ADA[:2], text, *ADA[3:10], UUIDS[number], *ADA[11:]]


def _cities(result: ReadResult) -> list[str]:
    return [text for name, text in records(result.answers, "question_code", "value_text") if name == "city"]


@pytest.mark.parametrize("length", [32768, 65534, 65535, 100_000])
def test_a_text_longer_than_a_cell_goes_on_in_rows_of_its_own(tmp_path: Path, length: int) -> None:
    long = "".join(str(number % 10) for number in range(length))
    rows = [_with_text("Alpha", 0), _with_text(long, 1), _with_text("Beta", 2), _with_text(long[::-1], 3)]
    result = _read(tmp_path, exported_by_eusurvey(HEADER, rows))
    assert (result.rows_in, result.rejected.num_rows) == (4, 0)
    assert _cities(result) == ["Alpha", long, "Beta", long[::-1]]
    further = (length - 1) // 32767
    assert records(result.responses, "response_id", "source_row") == [
        (UUIDS[0], 5), (UUIDS[1], 6), (UUIDS[2], 7 + further), (UUIDS[3], 8 + further)
    ]  # fmt: skip


def test_characters_are_counted_as_the_platform_counts_them(tmp_path: Path) -> None:
    whole = "x" + "\N{GRINNING FACE}" * 20_000
    result = _read(tmp_path, exported_by_eusurvey(HEADER, [_with_text(whole, 0), _with_text("Beta", 1)]))
    assert _cities(result) == [whole, "Beta"]


def test_a_character_that_was_torn_between_two_rows_is_not_joined(tmp_path: Path) -> None:
    torn = "\N{GRINNING FACE}" * 20_000
    result = _read(tmp_path, exported_by_eusurvey(HEADER, [_with_text(torn, 0), _with_text("Beta", 1)]))
    assert _cities(result) == ["Beta"]
    assert records(result.rejected, "reason_code", "question_code", "source_row") == [("text_cut", "city", 5)]


def test_a_long_text_before_the_id_column_goes_on_below_the_id(tmp_path: Path) -> None:
    questions = [question("text", "remark", "Remark")]
    rows = [["y" * 40_000, UUIDS[0]], ["short", UUIDS[1]], ["z" * 32767, UUIDS[2]], [None, UUIDS[3]]]
    result = _read(tmp_path, exported_by_eusurvey(["Remark", "Contribution Id"], rows), questions)
    assert records(result.answers, "response_id", "value_text") == [(UUIDS[0], "y" * 40_000), (UUIDS[1], "short")]
    assert records(result.responses, "response_id") == [(UUIDS[0],), (UUIDS[1],), (UUIDS[2],), (UUIDS[3],)]
    assert records(result.rejected, "reason_code", "response_id") == [("text_cut", UUIDS[2])]


def test_a_cell_that_goes_on_nowhere_is_refused(tmp_path: Path) -> None:
    rows = [[f"x{number}" for number in range(8)] + [UUIDS[number], *["y"] * 4] for number in range(2)]
    header = [*(f"Question {number}" for number in range(8)), "Contribution Id", *HEADER[:4]]
    questions = [question("text", f"q{number}", label) for number, label in enumerate(header) if number != 8]
    sheets = eusurvey([*header[:8], *header[9:], header[8]], [[*row[:8], *row[9:], row[8]] for row in rows], 6)
    sheets["Content"][4][1] = "x" * 32767
    sheets["Content"].insert(5, [None, None, "rest", "stray", None, None])
    for name in ("Content1", "Content2"):
        sheets[name].insert(4, [None] * 6)
    with pytest.raises(ExtractError) as error:
        _read(tmp_path, workbook(sheets), questions)
    assert "sheet Content, row 6, column 4: the cell stands between two responses" in str(error.value)


@pytest.mark.parametrize("seed", range(12))
def test_long_texts_anywhere_are_exact_or_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """With cells of 40 characters instead of 32,767: what a cell holds, not how much, makes the cases."""
    limit = 40
    monkeypatch.setattr(eusurvey_reader, "CELL_LIMIT", limit)
    monkeypatch.setattr(overflow, "CELL_LIMIT", limit)
    rng = random.Random(seed)
    labels = [f"Question {number}" for number in range(rng.choice([3, 253, 254, 300, 520]))]
    questions = [question("text", f"q{number}", label) for number, label in enumerate(labels)]
    lengths = [0, 1, 7, limit - 1, limit, limit + 1, 2 * limit, 2 * limit + 1, 3 * limit + 5]
    weights = [200, 200, 200, 200, *[1] * 5] if len(labels) > 3 else [4, 4, 4, 4, *[1] * 5]
    rows = []
    for number in range(8):
        texts = ["".join(rng.choices("abcdef", k=rng.choices(lengths, weights)[0])) or None for _ in labels]
        rows.append([*texts, None, UUIDS[number], "me", Serial(45400), None, "EN"])
    content = exported_by_eusurvey([*labels, *METADATA], rows, limit)
    result = _read(tmp_path, content, questions)
    assert [each for (each,) in records(result.responses, "response_id")] == UUIDS[:8]
    expected = {
        (UUIDS[number], f"q{column}"): text
        for number, row in enumerate(rows)
        for column, text in enumerate(row[: len(labels)])
        if text
    }
    found = {(each, name): text for each, name, text in
             records(result.answers, "response_id", "question_code", "value_text")}  # fmt: skip
    rejected = {(each, name) for each, name, code in
                records(result.rejected, "response_id", "question_code", "reason_code")
                if code == "text_cut"}  # fmt: skip
    assert {key: text for key, text in expected.items() if key not in rejected} == found
    assert rejected.isdisjoint(found)
    full = {key for key, text in expected.items() if len(text) == limit}
    assert full <= rejected
    assert len(rejected - full) <= 4


def test_two_long_texts_whose_rests_fall_on_one_cell_are_both_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter counts 255 columns for the rest of a text: columns 6 and 261 lose what the other one wrote."""
    limit = 40
    monkeypatch.setattr(eusurvey_reader, "CELL_LIMIT", limit)
    monkeypatch.setattr(overflow, "CELL_LIMIT", limit)
    labels = [f"Question {number}" for number in range(270)]
    questions = [question("text", f"q{number}", label) for number, label in enumerate(labels)]
    texts: list[Any] = [None] * 270
    texts[5], texts[7], texts[260] = "a" * 50, "b" * 50, "c" * 50
    rows = [[*texts, None, UUIDS[0], *[None] * 4], ["next", *[None] * 270, UUIDS[1], *[None] * 4]]
    result = _read(tmp_path, exported_by_eusurvey([*labels, *METADATA], rows, limit), questions)
    assert records(result.answers, "question_code", "value_text") == [("q7", "b" * 50), ("q0", "next")]
    place = ("source_sheet", "source_row", "source_column")
    assert records(result.rejected, "reason_code", "question_code", *place) == [
        ("text_cut", "q5", "Content", 5, 6),
        ("text_cut", "q260", "Content1", 5, 261),
    ]


GERMAN = ("Einladungsnummer", "Contribution Id", "Nutzername", "Erstellungsdatum", "Letzte Aktualisierung", "Sprachen")
FRENCH = (
    "Numéro de l’invitation",
    "Identifiant de la contribution",
    "Nom d'utilisateur",
    "Date de création",
    "Dernière mise à jour",
    "Langues",
)
UNKNOWN = ("Число", "Номер", "Име", "Създаден", "Обновен", "Езици")


@pytest.mark.parametrize("metadata", [GERMAN, FRENCH, UNKNOWN])
def test_platform_columns_are_known_in_the_language_of_the_exporting_person(
    tmp_path: Path, metadata: Sequence[str]
) -> None:
    row = [*ADA[:9], None, UUIDS[0], *ADA[11:]]
    result = _read(tmp_path, _rows(row, header=(*HEADER[:9], *metadata)))
    about = ("submitted_at", "updated_at", "language")
    assert records(result.responses, "response_id", *about) == [
        (UUIDS[0], datetime(2024, 4, 11, 12), datetime(2024, 4, 12), "EN")
    ]
    assert result.answers.num_rows == 9
    assert "ada@example.org" not in str([result.responses.to_pylist(), result.answers.to_pylist()])
    assert any("by their place and content" in note for note in result.notes) == (metadata is UNKNOWN)


def test_columns_that_are_not_as_the_platform_writes_them_are_no_platform_columns(tmp_path: Path) -> None:
    row = [*ADA[:9], None, UUIDS[0], "ada", "yesterday", Serial(45394), "EN"]
    message = _refused(tmp_path, _rows(row, header=(*HEADER[:9], *UNKNOWN)))
    assert "column 15 ('Езици'): the column is not in the codebook" in message
    assert "sheet Content, row 4, column 'Contribution Id': the column is missing" in message


@pytest.mark.parametrize("separator", [";", "; ", " ;"])
def test_choices_are_told_apart_whatever_stands_around_the_semicolon(tmp_path: Path, separator: str) -> None:
    row = [*ADA]
    row[4] = separator.join(("Money", "Advice", "training", "R&amp;D staff"))
    result = _read(tmp_path, _rows(row))
    chosen = [code for name, code in records(result.answers, "question_code", "choice_code") if name == "support"]
    assert chosen == ["money", "advice", "staff"]


def _split(row: Sequence[Any], *said: Any) -> list[Any]:
    """A row whose fifth column, a multiple choice of four, is split."""
    return [*row[:4], None, *said, *row[5:]]


SPLIT_HEADER = [*HEADER[:5], "Money", "Advice; training", "Advice", "R&D staff", *HEADER[5:]]


def test_split_multiple_choice_says_yes_or_no_for_each_choice(tmp_path: Path) -> None:
    rows = [_split(ADA, "Yes", "No", "No", "Yes"), _split(BOB, "No", "No", "No", "No")]
    result = _read(tmp_path, _rows(*rows, header=SPLIT_HEADER, columns_a_sheet=7))
    columns = ("question_code", "choice_code", "source_column")
    chosen = [answer for answer in records(result.answers, "response_id", *columns) if answer[1] == "support"]
    assert chosen == [("id-1", "support", "money", 6), ("id-1", "support", "staff", 9)]
    assert (result.answers.num_rows, result.rejected.num_rows) == (12, 0)
    assert result.notes == ()


def test_a_choice_named_no_is_not_taken_for_a_no(tmp_path: Path) -> None:
    questions = [question("select_multiple own", "which", "Which?")]
    folder = tmp_path / "rounds/nmc_survey/2024"
    content = _rows([None, "Yes", "No", "id-1"], [None, "No", "Yes", "id-2"],
                    header=["Which?", "Yes", "No", "Contribution Id"])  # fmt: skip
    loaded = deliver(folder, questions, listed("own", a="Yes", b="No"), content, platform="eusurvey_xlsx",
                     extract="extract.xlsx")  # fmt: skip
    result = read_extract(loaded, load_codebook(folder))
    assert records(result.answers, "response_id", "choice_code") == [("id-1", "a"), ("id-2", "b")]


def test_a_row_that_may_be_shifted_by_a_split_question_is_rejected(tmp_path: Path) -> None:
    whole = _split(ADA, "Yes", "No", "No", "Yes")
    shifted = [*_split(BOB)[:5], *BOB[5:], None, None, None, None]
    result = _read(tmp_path, _rows(whole, shifted, whole, header=SPLIT_HEADER))
    assert records(result.rejected, "scope", "reason_code", "source_row") == [("row", "shifted_row", 6)]
    assert result.responses.num_rows == 2


def test_a_choice_that_a_split_question_lacks_is_named(tmp_path: Path) -> None:
    header = [*SPLIT_HEADER[:7], *SPLIT_HEADER[8:]]
    message = _refused(tmp_path, _rows(_split(ADA, "Yes", "No", "Yes"), header=header))
    assert "the column of question support, choice advice_only is missing" in message


def test_labels_that_end_another_are_noted_where_the_platform_confuses_them(tmp_path: Path) -> None:
    folder = tmp_path / "rounds/nmc_survey/2024"
    content = _rows([None, "Yes", "Yes", "id-1"], header=["Which?", "Legal advice", "advice", "Contribution Id"])
    loaded = deliver(folder, [question("select_multiple own", "which", "Which?")],
                     listed("own", a="Legal advice", b="advice"), content, platform="eusurvey_xlsx",
                     extract="extract.xlsx")  # fmt: skip
    [note] = read_extract(loaded, load_codebook(folder)).notes
    assert "question which: EUSurvey may say Yes for 'advice' where only a choice whose label ends so" in note


def test_short_names_are_no_part_of_headers_and_choices(tmp_path: Path) -> None:
    header = [f"{text} (ID{number})" for number, text in enumerate(HEADER[:9])] + list(METADATA)
    ada = [*ADA]
    ada[3] = "Planned; not adopted (ID20)"
    ada[4] = "Money (ID21); Advice; training(ID22);R&D staff (ID23)"
    ada[5:9] = ["42 ", "1.5 ", "31/01/2024 ", "1 = no need (1)"]
    result = _read(tmp_path, _rows(ada, header=header))
    assert result.rejected.num_rows == 0
    columns = ("choice_code", "value_number", "value_date")
    assert [answer for answer in records(result.answers, "question_code", *columns) if any(answer[1:])] == [
        ("target", "planned", None, None),
        ("support", "money", None, None),
        ("support", "advice", None, None),
        ("support", "staff", None, None),
        ("population", None, 42.0, None),
        ("share", None, 1.5, None),
        ("adopted", None, None, date(2024, 1, 31)),
        ("need", "c1", None, None),
    ]


def test_questions_of_one_label_are_told_apart_by_their_short_names(tmp_path: Path) -> None:
    folder = tmp_path / "rounds/nmc_survey/2024"
    content = _rows(["of B", "of A", "id-1"], header=["Remark (IDB)", "Remark (IDA)", "Contribution Id"])
    settings = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx"}
    loaded = deliver(folder, [question("text", "a", "Remark")], [], content, **settings)
    lines = [",".join((*QUESTION_COLUMNS, "source")), "text,a,Remark,,,,,,,,,,IDA", "text,b,Remark,,,,,,,,,,IDB"]
    (folder / "questions.csv").write_text("\n".join(lines), encoding="utf-8")
    result = read_extract(loaded, load_codebook(folder))
    columns = ("question_code", "value_text", "source_column")
    assert records(result.answers, *columns) == [("b", "of B", 1), ("a", "of A", 2)]


def test_headers_may_be_in_another_language_of_the_codebook(tmp_path: Path) -> None:
    folder = tmp_path / "rounds/nmc_survey/2024"
    content = _rows(["Alpha", "Oui", "id-1"], header=["Ville", "Objectif ?", "Contribution Id"])
    loaded = deliver(folder, [question("text", "city", "City")], [], content, platform="eusurvey_xlsx",
                     extract="extract.xlsx")  # fmt: skip
    header = ",".join((*QUESTION_COLUMNS, "label::fr"))
    (folder / "questions.csv").write_text(
        f"{header}\ntext,city,City,,,,,,,,,,Ville\nselect_one yn,target,Target?,,,,,,,,,,Objectif ?\n", encoding="utf-8"
    )
    (folder / "choices.csv").write_text(
        "list_name,name,label,position,label::fr\nyn,yes,Yes,1,Oui\nyn,no,No,2,Non\n", encoding="utf-8"
    )
    result = read_extract(loaded, load_codebook(folder))
    answers = records(result.answers, "question_code", "value_text", "choice_code")
    assert answers == [("city", "Alpha", None), ("target", None, "yes")]


def test_sheets_may_stand_in_another_order(tmp_path: Path) -> None:
    sheets = eusurvey(HEADER, [ADA, BOB], 6)
    turned = dict(reversed(sheets.items()))
    assert _read(tmp_path, workbook(turned)).answers == _read(tmp_path, workbook(sheets)).answers


def _of_parts(tmp_path: Path, *contents: bytes) -> ReadResult:
    folder = tmp_path / "rounds/nmc_survey/2024"
    loaded = deliver(folder, with_platform_id(), CHOICES, contents[0], platform="eusurvey_xlsx", extract="p.xlsx")
    names = ["p.xlsx", *(f"p_{number}.xlsx" for number in range(1, len(contents)))]
    for name, content in zip(names, contents, strict=True):
        (folder / name).write_bytes(content)
    return read_extract(loaded.model_copy(update={"extract": tuple(names)}), load_codebook(folder))


def test_part_files_are_one_round(tmp_path: Path) -> None:
    result = _of_parts(tmp_path, _rows(ADA), _rows(BOB))
    place = ("source_file", "source_row", "position")
    assert records(result.responses, "response_id", *place) == [
        ("id-1", "nmc_survey/2024/p.xlsx", 5, 1),
        ("id-2", "nmc_survey/2024/p_1.xlsx", 5, 2),
    ]
    assert result.notes == ()


def test_an_id_that_occurs_in_two_part_files_is_noted(tmp_path: Path) -> None:
    result = _of_parts(tmp_path, _rows(ADA, BOB), _rows(BOB))
    assert records(result.responses, "response_id", "respondent_id") == [
        ("id-1", "id-1"), ("id-2", "id-2"), ("id-2#2", "id-2")
    ]  # fmt: skip
    [note] = result.notes
    assert note.endswith("p_1.xlsx: 1 contribution ids occur again (id-2): their last response counts")


def test_part_files_of_another_layout_are_refused(tmp_path: Path) -> None:
    turned = [[row[1], row[0], *row[2:]] for row in (HEADER, BOB)]
    with pytest.raises(ExtractError) as error:
        _of_parts(tmp_path, _rows(ADA), _rows(turned[1], header=turned[0]))
    assert "p_1.xlsx, sheet Content, row 4, column 1 ('Response code'): the column is another" in str(error.value)


def test_responses_of_an_anonymous_survey_are_identified_by_their_row(tmp_path: Path) -> None:
    rows = [[*row[:9], "Anonymous", "Anonymous", "Anonymous", *row[12:]] for row in (ADA, BOB)]
    result = _read(tmp_path, _rows(*rows))
    assert records(result.responses, "response_id", "respondent_id") == [("row 5", "row 5"), ("row 6", "row 6")]
    [note] = result.notes
    assert "the survey is anonymous, so each response is identified by its row" in note


def test_anonymous_responses_of_several_files_are_several_respondents(tmp_path: Path) -> None:
    rows = [[*row[:9], "Anonymous", "Anonymous", "Anonymous", *row[12:]] for row in (ADA, BOB)]
    result = _of_parts(tmp_path, _rows(rows[0]), _rows(rows[1]))
    assert records(result.responses, "respondent_id") == [("p.xlsx row 5",), ("p_1.xlsx row 5",)]


def test_the_score_of_a_quiz_is_not_landed(tmp_path: Path) -> None:
    result = _read(tmp_path, _rows([*ADA, 7.0], header=(*HEADER, "Total Score")))
    assert records(result.responses, "response_id", "language") == [("id-1", "EN")]
    assert any("total score" in note for note in result.notes)
