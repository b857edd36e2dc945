"""Tables of questionnaires: workbooks (XLSX, ODS) and CSV as rows of text under named columns.

Here: sheets → rows by column name. Not here: what a file is, opening it (extracts/, readers/workbook.py), which
columns a format has (xlsform.py, sheet.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.common.csv_records import Record, records_of_lines
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, cell_text
from orchestration.extracts.delimited import TextForm, open_delimited
from orchestration.extracts.encoding import DAMAGE, encoding_of, utf8_blocks
from orchestration.extracts.kind import ODS, XLSX
from orchestration.onboarding.questionnaires.imported import CodebookImportError
from orchestration.readers.workbook import FORMULA_REMEDY, Workbook

if TYPE_CHECKING:
    from orchestration.extracts.parts import Part


@dataclass(frozen=True)
class Sheet:
    """A table: each of its rows with the number that a person finds it by."""

    file: str
    name: str | None
    rows: Sequence[tuple[int, Sequence[str]]]

    def problem(self, reason: str, remedy: str, row: int | None = None, column: str | None = None) -> Problem:
        """A problem of this sheet."""
        return Problem(self.file, reason, remedy, self.name, row, column)


@dataclass(frozen=True)
class Row:
    """A row below a header: its number, and its texts by column."""

    number: int
    texts: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.texts.get(column, "")


def workbook_sheets(part: Part, wanted: Container[str] | None = None) -> list[Sheet]:
    """The sheets of an XLSX or ODS workbook, hidden ones too; `wanted` by column_name. Raises ExtractError."""
    workbook = Workbook(part, (XLSX, ODS), "give an XLSX or ODS workbook")
    return [
        Sheet(part.shown, name, [(number, [squeeze_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)])
        for name in workbook.visible_names
        if wanted is None or column_name(name) in wanted
        for rows in [workbook.rows(name, FORMULA_REMEDY)]
    ]


def squeeze_cell(cell: Cell) -> str:
    """The text of a cell, trimmed; line breaks stay."""
    return cell_text(cell).replace("\u00a0", " ").strip()


def text_sheet(part: Part, known: Container[str]) -> Sheet:
    """A delimited text as a sheet; `known` are the columns that it may have.

    Raises ExtractError for what is no delimited text, CodebookImportError for every damaged row.
    """
    opened = open_delimited(part, TextForm(), lambda header: column_name(header) in known)
    header, text = opened.header, opened.text
    below = records_of_lines(text.lines(), opened.delimiter, len(header.fields), text.line)
    records = [header, *(record for record in below if not record.is_blank)]
    problems = [problem for record in records if (problem := _fault(part.shown, record, len(header.fields)))]
    if problems:
        raise CodebookImportError(problems)
    return Sheet(part.shown, None, [(record.line, [field.strip() for field in record.fields]) for record in records])


def text_lines(part: Part) -> list[str]:
    """The lines of a text file, each a text of its own: commas are part of it, quotation marks around it are not."""
    encoding = encoding_of(part, "", "", lambda _: 0)
    text = b"".join(utf8_blocks(part, encoding)).decode()
    lines = [line.strip() for line in text.splitlines()]
    return [line[1:-1].replace('""', '"') if re.fullmatch(r'".*"', line) else line for line in lines if line]


def _fault(file: str, record: Record, width: int) -> Problem | None:
    if DAMAGE in record.raw:
        return Problem(file, "the row holds bytes that are no UTF-8", "restore its characters", row=record.line)
    if record.fault is not None:
        return Problem(file, f"the row is not CSV: {record.fault}", "correct its quotation marks", row=record.line)
    if len(record.fields) != width:
        reason = f"the row has {len(record.fields)} fields, the header {width}"
        return Problem(file, reason, "quote fields that contain a comma", row=record.line)
    return None


def column_name(text: str) -> str:
    """A column's name as it is compared: lower case, one space between words."""
    return clean_label(text).casefold().replace("_", " ").strip()


def named_rows(sheet: Sheet) -> list[Row]:
    """The rows below the first one that is not empty, by the names of their columns (see column_name).

    A name that stands twice counts once, from the left. Empty rows are left out.
    """
    filled = [(number, cells) for number, cells in sheet.rows if any(cells)]
    if not filled:
        return []
    header = [column_name(cell) for cell in filled[0][1]]
    rows = []
    for number, cells in filled[1:]:
        texts: dict[str, str] = {}
        for name, cell in zip(header, cells, strict=False):
            if name:
                texts.setdefault(name, cell)
        rows.append(Row(number, texts))
    return rows


def header_of(sheet: Sheet) -> list[str]:
    """The cells of the first row that is not empty."""
    return next((list(cells) for _, cells in sheet.rows if any(cells)), [])
