"""In which row of a table its header stands.

Here: what rows look like, whoever wrote them. Not here: which column holds which question (readers/headings.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from orchestration.common.problems import Problem

# How far down a header is looked for, to say that rows stand above it.
ROWS_LOOKED_AT = 20
_IMPORT_ID = '{"ImportId"'
_DIGITS = re.compile(r"[0-9]+")

# Whether a header is one of the codebook's.
IsKnown = Callable[[str], bool]
# Rows from the first one with content on: their numbers and the texts of their cells.
TextRows = Sequence[tuple[int, Sequence[str]]]


def known_n(cells: Sequence[str], is_known: IsKnown) -> int:
    """How many cells are headers of the codebook."""
    return sum(map(is_known, cells))


def remedy_for_rows_above(rows: TextRows, is_known: IsKnown) -> str | None:
    """What to do where the header stands further down than in the first row; None where nothing says so.

    The header is the first row with several known headers; where there is none, the first one as full as most rows are,
    if the first of all is a title or a note: a single cell, or at most half as many, from the first column on.
    """
    rows = rows[:ROWS_LOOKED_AT]
    if not rows or not any(cell.strip() for cell in rows[0][1]):
        return None
    (first, cells), below = rows[0], rows[1:]
    if known_n(cells, is_known) > 1:
        return None
    row = next((row for row, cells in below if known_n(cells, is_known) > 1), None)
    if row is None:
        filled = {row: sum(bool(cell.strip()) for cell in cells) for row, cells in rows}
        usual = Counter(sorted(filter(None, filled.values()), reverse=True)).most_common(1)[0][0]
        is_short = usual > filled[first] == 1 or usual >= max(3, 2 * filled[first])
        if is_short and cells[0].strip():
            row = next(row for row, n in filled.items() if n >= usual)
    if row is None:
        return None
    above = f"row {first}" if first == row - 1 else f"rows {first} to {row - 1}"
    return f"row {row} looks like the header: delete {above} above it"


def repeated_header_problem(file: str, sheet: str | None, rows: TextRows) -> Problem | None:
    """Qualtrics writes three headers: codes, texts, and ids of its own, which would become two responses."""
    for row, cells in rows[1:3]:
        if any(cell.startswith(_IMPORT_ID) for cell in cells):
            reason = f"rows {rows[0][0]} to {row} are all headers, as Qualtrics writes them"
            remedy = f"keep the one that the codebook has, mostly row {rows[0][0]}, and delete the others"
            return Problem(file, reason, remedy, sheet, row)
    return None


def response_in_header(header: Sequence[str], columns: Sequence[Collection[str]]) -> list[str]:
    """The cells of a header that are what the rows below say, by the distinct texts of each column; empty if few are.

    A cell is so that stands below again, or differs from all below in digits alone. No proof by themselves are labels
    that a column of ticks repeats, and numbers: of years, or of the items of a question.
    """
    cells = [(text.strip(), below) for text, below in zip(header, columns, strict=True)]
    seen = [(text, below) for text, below in cells if _is_like(text, below)]
    stands_below = any(text in below for text, below in seen)
    is_proof = any(below != {text} for text, below in seen)
    is_proof = is_proof and (len(seen) == len(header) or not all(_DIGITS.fullmatch(text) for text, _ in seen))
    return [text for text, _ in seen] if stands_below and is_proof and 2 * len(seen) > len(header) else []


def _is_like(text: str, below: Collection[str]) -> bool:
    if not text or not below:
        return False
    pattern = _DIGITS.sub("0", text)
    return text in below or (pattern != text and all(_DIGITS.sub("0", other) == pattern for other in below))
