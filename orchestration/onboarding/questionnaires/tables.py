"""Tables of questionnaires: workbooks (XLSX, ODS) and CSV as rows of text under named columns.

Here: bytes → sheets → rows by column name. Not here: which columns a format has (xlsform.py, sheet.py).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from orchestration.common.csv_records import Record, csv_records
from orchestration.common.problems import Problem, shown_path
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, cell_text
from orchestration.extracts.kind import ZIP_ERRORS
from orchestration.onboarding.questionnaires.imported import CodebookImportError

DELIMITERS = (",", ";", "\t")


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


def file_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises CodebookImportError if it is missing or empty."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        raise CodebookImportError([Problem(shown_path(path), reason, "correct the path")]) from error
    if not data.strip():
        raise CodebookImportError([Problem(shown_path(path), "the file is empty", "export it again")])
    return data


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an XLSX or ODS workbook."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = archive.namelist()
        return "xl/workbook.xml" in names or ("mimetype" in names and b"spreadsheet" in archive.read("mimetype"))
    except ZIP_ERRORS:
        return False


def workbook_sheets(path: Path, data: bytes) -> list[Sheet]:
    """The sheets of an XLSX or ODS workbook. Raises CodebookImportError for a damaged one."""
    import python_calamine

    file = shown_path(path)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        return [
            Sheet(file, name, [(number, [squeezed_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)])
            for name in workbook.sheet_names
            for rows in [cast(Sequence[Sequence[Cell]], _rows(workbook, name))]
        ]
    except (python_calamine.CalamineError, *ZIP_ERRORS) as error:
        reason = f"the workbook is damaged: {error}"
        raise CodebookImportError([Problem(file, reason, "fetch the file again from where it was made")]) from error


def _rows(workbook: object, name: str) -> object:
    return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[attr-defined]


def squeezed_cell(cell: Cell) -> str:
    """The text of a cell, trimmed; line breaks stay."""
    return cell_text(cell).replace("\u00a0", " ").strip()


def csv_sheet(path: Path, data: bytes, known: Container[str] = ()) -> Sheet:
    """A CSV text as a sheet; its delimiter is the one that makes most `known` columns of its header, then most columns.

    Raises CodebookImportError for text that is not UTF-8 or UTF-16, and for every damaged row.
    """
    file = shown_path(path)
    text = _decoded(file, data)
    records = [record for record in csv_records(text, _delimiter(text, known)) if not record.is_blank]
    width = len(records[0].fields) if records else 0
    problems = [problem for record in records if (problem := _fault(file, record, width))]
    if problems:
        raise CodebookImportError(problems)
    return Sheet(file, None, [(record.line, [field.strip() for field in record.fields]) for record in records])


def csv_header(path: Path, data: bytes) -> list[str]:
    """The header of a CSV text, whatever its rows are. Raises CodebookImportError for a damaged one."""
    file = shown_path(path)
    text = _decoded(file, data)
    header = _first_record(text, _delimiter(text, ()))
    if header is None:
        raise CodebookImportError([Problem(file, "the file has no header", "export it again")])
    problem = _fault(file, header, len(header.fields))
    if problem is not None:
        raise CodebookImportError([problem])
    return [field.strip() for field in header.fields]


def _first_record(text: str, delimiter: str) -> Record | None:
    return next((record for record in csv_records(text, delimiter) if not record.is_blank), None)


def _delimiter(text: str, known: Container[str]) -> str:
    def columns(delimiter: str) -> tuple[int, int]:
        header = _first_record(text, delimiter)
        fields = header.fields if header else ()
        return sum(column_name(field) in known for field in fields), len(fields)

    return max(DELIMITERS, key=columns)


def text_lines(path: Path) -> list[str]:
    """The lines of a text file, each a text of its own: commas are part of it, quotation marks around it are not."""
    lines = [line.strip() for line in _decoded(shown_path(path), file_bytes(path)).splitlines()]
    return [line[1:-1].replace('""', '"') if re.fullmatch(r'".*"', line) else line for line in lines if line]


def _decoded(file: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        problem = Problem(file, "neither UTF-8 text nor a file of a known kind", "save it as UTF-8", row=row)
        raise CodebookImportError([problem]) from error


def _fault(file: str, record: Record, width: int) -> Problem | None:
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
