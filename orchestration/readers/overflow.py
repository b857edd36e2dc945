"""Responses of EUSurvey's export over several sheets, and texts over several rows.

A cell holds 32,767 characters. EUSurvey goes on with the rest of a longer text in a row of its own below: in the column
right of the text's (of all columns over all sheets, modulo 255). That row is shared by all long texts of the response
and stands on the sheet of the first of them; on the sheets after that one, the response itself stands as many rows
further down. Texts are joined exactly, or left as they are where the rest is not there: a cell that is full to the last
character is rejected as cut (rows.py).

Source: EUSurvey's source code, CommonExcelExportCreator.java, parseAnswerSet and checkColumnsParseAnswerSet.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestration.common.problems import Problem
from orchestration.common.values import Cell, fills, is_blank
from orchestration.extracts.errors import ExtractError
from orchestration.readers.workbook import CELL_LIMIT

_COLUMNS_OF_OVERFLOW = 255
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What is written for half a character: a text that is cut there cannot be joined exactly.
_TORN = ("?", "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class ContentSheet:
    """One sheet: its header, and the rows below it; `declared` is how many the file declares, empty ones included."""

    name: str
    headings: tuple[str, ...]
    body: Sequence[Sequence[Cell]]
    first_row: int
    declared: int
    # The row of each response, and the further rows of long texts: indices of `body`.
    starts: list[int] = field(default_factory=list)
    added: set[int] = field(default_factory=set)

    def cell(self, row: int, column: int) -> Cell:
        """A cell by index; None beyond the last."""
        return self.body[row][column] if row < len(self.body) and column < len(self.body[row]) else None


@dataclass(frozen=True)
class Response:
    """A response: its row on the first sheet, and its cells over all sheets."""

    row: int
    cells: Sequence[Cell]


def join_responses(file: str, sheets: Sequence[ContentSheet], id_column: int, remedy: str) -> list[Response]:
    """The responses of a workbook in order. Raises ExtractError if sheets have lost rows or cells belong nowhere."""
    joining = _Joining(sheets, id_column)
    responses = list(joining.responses())
    while responses and all(map(is_blank, responses[-1].cells)):
        responses.pop()
    if not responses:
        reason = "the file has a header, but no response"
        raise ExtractError([Problem(file, reason, remedy, sheets[0].name, sheets[0].first_row - 1)])
    problems = [*_heights(file, sheets, remedy), *_strays(file, sheets, joining.pieces, remedy)]
    if problems:
        raise ExtractError(problems)
    return responses


@dataclass
class _Texts:
    """The long texts of a response: their further rows (sheet, row), and whose piece each cell there is."""

    start: int
    added: list[tuple[int, int]] = field(default_factory=list)
    claims: dict[tuple[int, int, int], int] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)


class _Joining:
    """Walks the rows as the platform wrote them. `pieces` are the cells (sheet, row, column) that continue a text."""

    def __init__(self, sheets: Sequence[ContentSheet], id_column: int) -> None:
        self._sheets = sheets
        offsets = [0]
        for sheet in sheets:
            offsets.append(offsets[-1] + len(sheet.headings))
        self._offsets = offsets
        self._id_sheet = next(index for index, end in enumerate(offsets[1:]) if id_column < end)
        self._id_column = id_column - offsets[self._id_sheet]
        self.pieces: set[tuple[int, int, int]] = set()

    def responses(self) -> Iterator[Response]:
        """The responses, blank ones among them."""
        height = max(len(sheet.body) for sheet in self._sheets)
        start = 0
        while start < height:
            texts = _Texts(start)
            cells = self._cells(texts)
            self.pieces |= texts.claims.keys()
            yield Response(self._sheets[0].first_row + start, cells)
            start += 1 + len(texts.added)

    def _cells(self, texts: _Texts) -> list[Cell]:
        cells: list[Cell] = []
        long: dict[int, str] = {}
        for index, sheet in enumerate(self._sheets):
            at = texts.start + len(texts.added)
            sheet.starts.append(at)
            width = len(sheet.headings)
            row = list(sheet.body[at][:width]) if at < len(sheet.body) else []
            cells += row + [None] * (width - len(row))
            for column in range(self._offsets[index], len(cells)):
                cell = cells[column]
                if isinstance(cell, str) and fills(cell, CELL_LIMIT):
                    long[column] = cell
                    cells[column] = self._joined(cell, index, column, texts)
        for column in texts.lost:
            cells[column] = long[column]
        return cells

    def _joined(self, text: str, sheet: int, column: int, texts: _Texts) -> str:
        """A text with all its pieces. Where two texts claim one cell, or a piece was torn, they are lost."""
        pieces = [text]
        while fills(pieces[-1], CELL_LIMIT):
            place = self._next(len(pieces) - 1, sheet, column, texts)
            if place is None:
                break
            if place in texts.claims:
                texts.lost |= {column, texts.claims[place]}
            texts.claims[place] = column
            piece = str(self._sheets[place[0]].cell(*place[1:]))
            if any(pieces[-1].endswith(half) and piece.startswith(half) for half in _TORN):
                texts.lost.add(column)
            pieces.append(piece)
        return "".join(pieces)

    def _next(self, level: int, sheet: int, column: int, texts: _Texts) -> tuple[int, int, int] | None:
        """The cell in which a text goes on; None if there is none."""
        right = (column + 1) % _COLUMNS_OF_OVERFLOW
        is_new = level == len(texts.added)
        on, row = (sheet, texts.start + 1 + level) if is_new else texts.added[level]
        piece = self._sheets[on].cell(row, right)
        if not isinstance(piece, str) or not piece or (is_new and not self._is_further(on, row, right, texts)):
            return None
        if is_new:
            texts.added.append((on, row))
            self._sheets[on].added.add(row)
        return on, row, right

    def _is_further(self, sheet: int, row: int, right: int, texts: _Texts) -> bool:
        """Whether a row is no response of its own: it has no id, or, on a sheet before the ids, it left a gap there."""
        if sheet < self._id_sheet:
            return is_blank(self._sheets[self._id_sheet].cell(texts.start + len(texts.added), self._id_column))
        if sheet > self._id_sheet:
            return False
        if self._id_column != right:
            return is_blank(self._sheets[sheet].cell(row, self._id_column))
        others = [cell for column, cell in enumerate(self._sheets[sheet].body[row]) if column != right]
        return all(map(is_blank, others)) and not _UUID.fullmatch(str(self._sheets[sheet].cell(row, right)))


def _heights(file: str, sheets: Sequence[ContentSheet], remedy: str) -> Iterator[Problem]:
    """The sheets share no key: a row too few on one would shift all answers below it."""
    counts = {sheet.name: bisect_left(sheet.starts, len(sheet.body)) for sheet in sheets}
    declared = {bisect_left(sheet.starts, sheet.declared) for sheet in sheets}
    if len(set(counts.values())) > 1 and len(declared) != 1:
        shown = ", ".join(f"{name} {count}" for name, count in counts.items())
        short = min(sheets, key=lambda sheet: counts[sheet.name])
        reason = f"the sheets have different numbers of rows of data ({shown}), so rows cannot be joined"
        yield Problem(file, reason, remedy, short.name, short.first_row + len(short.body))


def _strays(
    file: str, sheets: Sequence[ContentSheet], pieces: set[tuple[int, int, int]], remedy: str
) -> Iterator[Problem]:
    """Cells that belong to no column, or to no response."""
    for index, sheet in enumerate(sheets):
        starts = set(sheet.starts)
        width = len(sheet.headings)
        for row, cells in enumerate(sheet.body):
            first = width if row in starts else 0
            for column in range(first, len(cells)):
                if not is_blank(cells[column]) and (index, row, column) not in pieces:
                    reason = (
                        "the cell stands right of the last header cell of its sheet"
                        if column >= width
                        else "the cell stands between two responses, but continues no long text"
                    )
                    yield Problem(file, reason, remedy, sheet.name, sheet.first_row + row, str(column + 1))
