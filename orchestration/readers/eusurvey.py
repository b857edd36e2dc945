"""Reader of EUSurvey's XLSX export.

The workbook has the sheets Content, Content1, Content2 ...: each opens with a preamble of three rows and a
header row; a new sheet starts after 254 columns and is joined to the one before by row position only. The
platform's own columns (contribution id, dates, language, user) follow the last question.

Here: workbook → joined rows of cells. Not here: values (cells.py), the header's labels (headings.py).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from orchestration.codebook import Codebook, RoundCard
from orchestration.extracts import Part
from orchestration.readers import ExtractError, ReadResult
from orchestration.readers.cells import Cell, cell_text, is_blank
from orchestration.readers.files import XLSX, ZIP_ERRORS, kind_of
from orchestration.readers.headings import Heading, Placed, match_headings
from orchestration.readers.labels import clean_label
from orchestration.readers.rows import Harvest, Layout, layout_of
from orchestration.tabular import Problem

PREAMBLE = ("Alias", "Export Date", "")
HEADER_ROW = len(PREAMBLE) + 1
CELL_LIMIT = 32767

CONTRIBUTION_ID = "contribution id"
PERSONAL_METADATA = ("invitation number", "user name")
METADATA = (*PERSONAL_METADATA, CONTRIBUTION_ID, "creation date", "last update", "languages")

_SHEET_NAME = re.compile(r"Content([1-9][0-9]*)?")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')

_EXPORT_AGAIN = "export the results from EUSurvey again as XLSX, in English, and do not edit the file"


@dataclass(frozen=True)
class _Sheet:
    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read EUSurvey workbooks. Raises ExtractError for a file that cannot be trusted as a whole."""
    harvest = Harvest(codebook, card)
    for part in parts:
        data = part.read()
        sheets = _sheets(part.shown, data)
        rows = _joined(part.shown, data, sheets)
        layout = _layout(part, sheets, codebook)
        _check_ids(rows, layout)
        harvest.begin(layout)
        for number, cells in enumerate(rows, HEADER_ROW + 1):
            harvest.take(number, cells)
        yield harvest.flush()
    yield harvest.finish()


def _sheets(file: str, data: bytes) -> list[_Sheet]:
    kind = kind_of(data)
    if kind != XLSX:
        reason = f"not an XLSX workbook as its platform says, but {kind or 'plain text or another kind of file'}"
        raise ExtractError([Problem(file, reason, "export the results as XLSX, or set the platform in round.yml")])
    _check_parts(file, data)
    cells_by_sheet = _cells_by_sheet(file, data)
    _check_sheet_names(file, list(cells_by_sheet))
    ordered = sorted(cells_by_sheet.items(), key=lambda item: (len(item[0]), item[0]))
    problems = [problem for name, rows in ordered for problem in _preamble_problems(file, name, rows)]
    if problems:
        raise ExtractError(problems)
    return [_sheet(file, name, rows) for name, rows in ordered]


def _check_parts(file: str, data: bytes) -> None:
    """Refuse a workbook that is damaged, or that holds formula errors, which would read as empty cells."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    try:
        parts = {name: archive.read(name) for name in archive.namelist()}
    except ZIP_ERRORS as error:
        raise ExtractError([_damaged(file, str(error))]) from error
    for name, part in parts.items():
        match = _ERROR_CELL.search(part) if _SHEET_PART.fullmatch(name) and b't="e"' in part else None
        if match:
            column, row = match[1].decode(), int(match[2])
            reason = f"a cell of {name} holds a formula error such as #REF!"
            raise ExtractError([Problem(file, reason, _EXPORT_AGAIN, row=row, column=column)])


def _damaged(file: str, detail: str) -> Problem:
    return Problem(file, f"the workbook is damaged: {detail}", "fetch the file again from where it was exported")


def _cells_by_sheet(file: str, data: bytes) -> dict[str, Sequence[Sequence[Cell]]]:
    import python_calamine

    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        return {
            name: cast(Sequence[Sequence[Cell]], workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in workbook.sheet_names
        }
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ExtractError([_damaged(file, str(error))]) from error


def _check_sheet_names(file: str, names: Sequence[str]) -> None:
    expected = ["Content", *(f"Content{number}" for number in range(1, len(names)))]
    if sorted(names) != sorted(expected):
        reason = f"the sheets are {', '.join(map(repr, names))}, not {', '.join(map(repr, expected))}"
        raise ExtractError([Problem(file, reason, _EXPORT_AGAIN)])


def _preamble_problems(file: str, name: str, rows: Sequence[Sequence[Cell]]) -> Iterator[Problem]:
    for number, expected in enumerate(PREAMBLE, 1):
        cells = rows[number - 1] if number <= len(rows) else ()
        found = clean_label(cell_text(cells[0])) if cells else ""
        is_as_expected = found == expected and (expected or all(map(is_blank, cells)))
        if not is_as_expected:
            wanted = f"to start with {expected!r}" if expected else "to be empty"
            yield Problem(
                file,
                f"the preamble is not as expected: the row has {wanted}",
                _EXPORT_AGAIN,
                name,
                number,
                "A",
            )


def _sheet(file: str, name: str, rows: Sequence[Sequence[Cell]]) -> _Sheet:
    header = [clean_label(cell_text(cell)) for cell in rows[HEADER_ROW - 1]] if len(rows) >= HEADER_ROW else []
    body = [list(row) for row in rows[HEADER_ROW:]]
    while body and all(map(is_blank, body[-1])):
        body.pop()
    width = max((column for column, text in enumerate(header, 1) if text), default=0)
    for number, row in enumerate(body, HEADER_ROW + 1):
        for column, cell in enumerate(row[width:], width + 1):
            if not is_blank(cell):
                reason = "the cell stands right of the last header cell of its sheet"
                raise ExtractError([Problem(file, reason, _EXPORT_AGAIN, name, number, str(column))])
    return _Sheet(name, tuple(header[:width]), [row[:width] for row in body])


def _joined(file: str, data: bytes, sheets: Sequence[_Sheet]) -> list[list[Cell]]:
    """Rows over all sheets; they share no key, so a row too few on one would shift all answers below it."""
    used = [sheet for sheet in sheets if sheet.headings]
    if not used:
        reason = "no header here: the row is empty"
        raise ExtractError([Problem(file, reason, _EXPORT_AGAIN, sheets[0].name, HEADER_ROW)])
    heights = {sheet.name: len(sheet.rows) for sheet in used}
    height = max(heights.values())
    if height == 0:
        reason = "the file has a header, but no response"
        raise ExtractError([Problem(file, reason, _EXPORT_AGAIN, used[0].name, HEADER_ROW)])
    if len(set(heights.values())) > 1 and len(_declared_heights(data)) != 1:
        counts = ", ".join(f"{name} {n}" for name, n in heights.items())
        short = min(heights, key=lambda name: heights[name])
        reason = f"the sheets have different numbers of rows of data ({counts}), so rows cannot be joined"
        row = HEADER_ROW + heights[short] + 1
        raise ExtractError([Problem(file, reason, _EXPORT_AGAIN, short, row)])
    return [[cell for sheet in used for cell in _padded(sheet, index)] for index in range(height)]


def _padded(sheet: _Sheet, index: int) -> Sequence[Cell]:
    return sheet.rows[index] if index < len(sheet.rows) else [None] * len(sheet.headings)


def _declared_heights(data: bytes) -> set[int]:
    """Last rows that the sheets declare, empty ones included: one number if a short sheet is just blank."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    parts = (archive.read(name) for name in archive.namelist() if _SHEET_PART.fullmatch(name))
    heights = {max(map(int, _ROW_NUMBER.findall(part)), default=0) for part in parts}
    # A workbook may end in a sheet that holds only the preamble: 254 columns had just been filled.
    return {height for height in heights if height > HEADER_ROW} or heights


def _layout(part: Part, sheets: Sequence[_Sheet], codebook: Codebook) -> Layout:
    cells = [(sheet.name, text) for sheet in sheets for text in sheet.headings]
    headings = tuple(
        Heading(part.shown, sheet, HEADER_ROW, column, text) for column, (sheet, text) in enumerate(cells, 1)
    )
    metadata = _metadata(headings)
    layout = layout_of(
        part,
        headings,
        _questions(part.shown, headings, metadata, codebook),
        response_id=metadata[CONTRIBUTION_ID],
        submitted_at=metadata.get("creation date"),
        updated_at=metadata.get("last update"),
        language=metadata.get("languages"),
    )
    personal = {metadata[name] for name in PERSONAL_METADATA if name in metadata}
    return replace(layout, personal=layout.personal | personal, text_limit=CELL_LIMIT)


def _questions(file: str, headings: Sequence[Heading], metadata: Mapping[str, int], codebook: Codebook) -> list[Placed]:
    problems: list[Problem] = []
    if CONTRIBUTION_ID not in metadata:
        remedy = "choose Contribution Id among the columns to export, in English, and export again"
        sheet = headings[-1].sheet
        problems.append(Problem(file, "the column is missing", remedy, sheet, HEADER_ROW, "'Contribution Id'"))
    try:
        placed = match_headings(
            headings[: len(headings) - len(metadata)] or headings,
            codebook,
            if_none=_EXPORT_AGAIN,
            if_missing="export all questions in the language of the codebook, without short names",
        )
    except ExtractError as error:
        raise ExtractError([*problems, *error.problems]) from error
    if problems:
        raise ExtractError(problems)
    return placed


def _metadata(headings: Sequence[Heading]) -> Mapping[str, int]:
    """The platform's columns by name: read from the end, since a question may bear the same label."""
    found: dict[str, int] = {}
    for heading in reversed(headings):
        name = heading.text.casefold()
        if name not in METADATA or name in found:
            break
        found[name] = heading.column - 1
    return found


def _check_ids(rows: Sequence[Sequence[Cell]], layout: Layout) -> None:
    column = layout.response_id
    if column is None:
        return
    ids = [cell_text(row[column]) for row in rows]
    if len(ids) > 1 and set(ids) == {"Anonymous"}:
        heading = layout.headings[column]
        reason = "the survey was exported anonymised: every contribution id is 'Anonymous'"
        remedy = "lift the anonymous mode of the survey in EUSurvey and export again"
        raise ExtractError([heading.problem(reason, remedy)])
