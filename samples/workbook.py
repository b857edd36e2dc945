"""An extract in the shape in which EUSurvey exports contributions to XLSX.

Belongs here: sheets, preamble, header, the 254-column rule, types of cells. Not here: what the answers are.
"""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from samples.codebook import Codebook, Question

COLUMNS_A_SHEET = 254
FIRST_DATA_ROW = 4
METADATA = ("Invitation Number", "Contribution Id", "User Name", "Creation Date", "Last Update", "Languages")
DATE_FORMAT = 14
MADE_AT = datetime(2024, 5, 21)

Answer = str | int | float | date | list[str] | None


@dataclass(frozen=True)
class Contribution:
    """One response: answers by question name in choice names, and the platform's own columns."""

    answers: dict[str, Answer]
    contribution_id: str
    invitation: str
    user: str
    created: datetime
    updated: datetime
    language: str

    def metadata(self) -> list[Answer]:
        """Cells of the columns after the last question."""
        return [self.invitation, self.contribution_id, self.user, self.created, self.updated, self.language]


def entities(text: str) -> str:
    """Free text as the platform stores it: XML entities, and a named one for é but not for other letters."""
    return html.escape(text, quote=True).replace("&#x27;", "&#39;").replace("é", "&eacute;")


def cell(question: Question, answer: Answer, labels: dict[str, str]) -> Answer:
    """What the platform writes for an answer: labels for choices, joined by "; " for several."""
    if answer is None or answer == "" or answer == []:
        return None
    if isinstance(answer, list):
        return "; ".join(labels[name] for name in labels if name in answer)
    if question.kind == "select_one":
        return labels[str(answer)]
    if question.kind == "text":
        return entities(str(answer))
    return answer


def write(path: Path, alias: str, exported: date, codebook: Codebook, contributions: Sequence[Contribution]) -> None:
    """Write the extract; the same contributions give the same bytes."""
    header: list[Answer] = [question.header for question in codebook.questions]
    rows: list[list[Answer]] = [[*header, *METADATA]]
    for contribution in contributions:
        unknown = set(contribution.answers) - {question.name for question in codebook.questions}
        if unknown:
            raise ValueError(f"{path}: answers to questions that the codebook does not have: {sorted(unknown)}")
        rows.append([*_cells(codebook, contribution), *contribution.metadata()])
    path.write_bytes(_stored(_workbook(alias, exported, rows)))


def _cells(codebook: Codebook, contribution: Contribution) -> list[Answer]:
    return [
        cell(question, contribution.answers.get(question.name), codebook.choices.get(question.list_name, {}))
        for question in codebook.questions
    ]


def _workbook(alias: str, exported: date, rows: list[list[Answer]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": alias, "author": "samples", "created": MADE_AT})
        day = book.add_format({"num_format": DATE_FORMAT})
        bold = book.add_format({"bold": True})
        for number, start in enumerate(range(0, len(rows[0]), COLUMNS_A_SHEET)):
            sheet = book.add_worksheet(f"Content{number or ''}")
            sheet.write_row(0, 0, ["Alias", alias])
            sheet.write_string(1, 0, "Export Date")
            sheet.write_datetime(1, 1, exported, day)
            for offset, row in enumerate(rows):
                for column, value in enumerate(row[start : start + COLUMNS_A_SHEET]):
                    position = (FIRST_DATA_ROW - 1 + offset, column)
                    if isinstance(value, date):
                        sheet.write_datetime(*position, value, day)
                    elif isinstance(value, str):
                        sheet.write_string(*position, value, bold if offset == 0 else None)
                    elif isinstance(value, int | float):
                        sheet.write_number(*position, value)
    return buffer.getvalue()


def _stored(workbook: bytes) -> bytes:
    """The same archive without compression: compressed bytes differ between builds of zlib."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed, zipfile.ZipFile(buffer, "w") as stored:
        for name in packed.namelist():
            stored.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), packed.read(name))
    return buffer.getvalue()
