"""Small rounds for tests: a codebook, a source card and an extract as a platform delivers it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pytest
import xlsxwriter

from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import CHOICE_COLUMNS, QUESTION_COLUMNS, load_codebook

CARD: Mapping[str, Any] = {
    "title": "Test round",
    "producer": "A producer",
    "platform": "delimited",
    "extract": "extract.csv",
    "fieldwork_start": "2024-04-11",
    "fieldwork_end": "2024-05-17",
    "licence": "CC-BY-4.0",
    "citation": "Nobody (2024).",
    "expected_responses": 2,
    "rejected_share_limit": 0.5,
    "synthetic": "true",
}
METADATA = ("Invitation Number", "Contribution Id", "User Name", "Creation Date", "Last Update", "Languages")

Row = Mapping[str, str]


def question(kind: str, name: str, label: str, **more: str) -> Row:
    """A row of questions.csv."""
    return {**dict.fromkeys(QUESTION_COLUMNS, ""), "type": kind, "name": name, "label": label, **more}


def choices(list_name: str, **labels: str) -> list[Row]:
    """Rows of choices.csv for one list, in order."""
    return [
        {"list_name": list_name, "name": name, "label": label, "position": str(position)}
        for position, (name, label) in enumerate(labels.items(), 1)
    ]


def csv_text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Rows as a CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_codebook(folder: Path, questions: Sequence[Row], choice_rows: Sequence[Row] = ()) -> None:
    """Write questions.csv and choices.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns, rows in (("questions", QUESTION_COLUMNS, questions), ("choices", CHOICE_COLUMNS, choice_rows)):
        further = dict.fromkeys(column for row in rows for column in row if column not in columns)
        (folder / f"{name}.csv").write_text(csv_text((*columns, *further), rows), encoding="utf-8")


def write_card(folder: Path, **values: Any) -> Path:
    """Write round.yml: the values given over those of a valid card; None leaves a key out."""
    folder.mkdir(parents=True, exist_ok=True)
    merged = {key: value for key, value in {**CARD, **values}.items() if value is not None}
    path = folder / "round.yml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in merged.items()), encoding="utf-8")
    return path


def deliver(
    folder: Path,
    questions: Sequence[Row],
    choice_rows: Sequence[Row],
    content: str | bytes,
    **card: Any,
) -> RoundCard:
    """Write a whole round and return its card."""
    write_codebook(folder, questions, choice_rows)
    loaded = load_round(write_card(folder, **card))
    extract_of(loaded).write_bytes(content.encode() if isinstance(content, str) else content)
    return loaded


def extract_of(card: RoundCard) -> Path:
    """Where the extract of a round with one file lies."""
    (name,) = card.extract
    return card.folder / name


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """An XLSX workbook of raw cells; None leaves a cell out."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    day_format = book.add_format({"num_format": 14})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                _write_cell(sheet, row, column, cell, day_format)
    book.close()
    return out.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: Any, day_format: Any) -> None:
    if isinstance(cell, Serial):
        sheet.write_number(row, column, cell, day_format)
    elif isinstance(cell, str) and cell.startswith("=") and not isinstance(cell, Plain):
        sheet.write_formula(row, column, cell, None, "#REF!")
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


class Serial(float):
    """An Excel serial number with a date format."""


class Plain(str):
    """A text that is one, even if it begins like a formula."""


def eusurvey(
    header: Sequence[str], rows: Sequence[Sequence[Any]], columns_a_sheet: int = 254
) -> dict[str, list[list[Any]]]:
    """Sheets as EUSurvey exports them: preamble, header, rows, cut after a number of columns."""
    table = [list(header), *map(list, rows)]
    preamble = [["Alias", "test"], ["Export Date", Serial(45430)], []]
    starts = range(0, len(header), columns_a_sheet)
    return {
        f"Content{number or ''}": [*preamble, *(row[start : start + columns_a_sheet] for row in table)]
        for number, start in enumerate(starts)
    }


def answers(result: ReadResult) -> list[tuple[str, str, Any]]:
    """What was landed: response, question and the choice, text, number or date."""
    kinds = ("choice_code", "value_text", "value_number", "value_date")
    return [
        (row["response_id"], row["question_code"], next(row[kind] for kind in kinds if row[kind] is not None))
        for row in result.answers.to_pylist()
    ]


def part_of(name: str, data: bytes) -> Part:
    """A file of bytes that lies nowhere."""
    return Part(
        name, name, len(data), hashlib.sha256(data).hexdigest(), opener=lambda: cast(BinaryIO, io.BytesIO(data))
    )


def read_round(card: RoundCard) -> ReadResult:
    """Read the extract of a round that `deliver` wrote."""
    return read_extract(card, load_codebook(card.folder))


def problems(card: RoundCard) -> list[str]:
    """What is wrong with an extract that must not be read, without the file's name."""
    with pytest.raises(ExtractError) as raised:
        read_round(card)
    return [str(problem).removeprefix(str(extract_of(card))).lstrip(",: ") for problem in raised.value.problems]


def records(table: pa.Table, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table as tuples, row by row."""
    return [tuple(row.values()) for row in table.select(list(columns)).to_pylist()]


# A small questionnaire with a question of every type, and one personal question.
QUESTIONS: Sequence[Row] = (
    question("text", "respondent", "Name of the respondent", is_personal="yes"),
    question("text", "code", "Response code", role="response_id"),
    question("text", "city", "City", role="city_pseudonym", required="yes"),
    question("select_one target", "target", "Is there a target?"),
    question("select_multiple support", "support", "Which support?", relevant="${target} = 'existing'"),
    question("integer", "population", "Inhabitants", constraint=". >= 1 and . <= 1000000"),
    question("decimal", "share", "Share (%)", constraint=". >= 0"),
    question("date", "adopted", "Adopted on"),
    question("select_one scale", "need", "Finance", matrix="How pressing are these needs?"),
)
CHOICES: Sequence[Row] = (
    *choices("target", existing="Existing", planned="Planned; not adopted", none="No target"),
    *choices("support", money="Money", advice="Advice; training", advice_only="Advice", staff="R&D staff"),
    *choices("scale", **{"c1": "1 = no need", "c2": "2", "c3": "3 = high need"}),
)
HEADER = (
    "Name of the respondent,Response code,City,Is there a target?,Which support?,Inhabitants,"
    "Share (%),Adopted on,How pressing are these needs?: Finance\n"
)
FIRST = "Ada,r1,Alpha,Existing,Money;Advice; training,00042,1.5,2024-01-31,2\n"
SECOND = "Bob,r2,Beta,No target,,7,,,3 = high need\n"


def without_personal() -> list[Row]:
    """The questionnaire without its personal question."""
    return [row for row in QUESTIONS if not row["is_personal"]]


def with_platform_id() -> list[Row]:
    """The questionnaire for a platform that has its own response ids."""
    return [{**row, "role": ""} if row["role"] == "response_id" else row for row in QUESTIONS]
