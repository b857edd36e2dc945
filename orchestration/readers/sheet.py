"""Reader of plain spreadsheets, XLSX or ODS: one sheet, one header row, one row a response.

Here: which row is the header, and which column holds which question. Not here: opening and checking workbooks
(workbook.py), values (common/values.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestration.common.text import clean_label
from orchestration.extracts.header import remedy_for_rows_above
from orchestration.extracts.kind import ODS, XLSX
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Spelling, known_headers, match_headings
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import RowCollector, layout_of
from orchestration.readers.workbook import CELL_LIMIT, Table, Workbook, read_table
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook

_AGAIN = "put one header row and one row a response on the sheet, and save the file again"
_OTHER_KIND = "save the file as XLSX or ODS without a password, or set the platform of this file in round.yml"


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read plain workbooks. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    for part in parts:
        _read_part(part, codebook, card, collector)
        yield collector.flush()
    yield collector.finish()


def _read_part(part: Part, codebook: Codebook, card: RoundCard, collector: RowCollector) -> None:
    workbook = Workbook(part, (XLSX, ODS), _OTHER_KIND)
    table = read_table(workbook, card.sheet, _AGAIN)
    placed = match_headings(
        table.filled,
        codebook,
        if_none=_rows_above(table, codebook) or "write the labels of the codebook into the first row that has content",
        if_missing="add the column, with all questions in the language of the codebook",
    )
    text_limit = CELL_LIMIT if workbook.kind == XLSX else None
    collector.begin(layout_of(part, table.headings, placed, text_limit=text_limit))
    for row in table.source_rows():
        collector.take_row(row)


def _rows_above(table: Table, codebook: Codebook) -> str | None:
    """What to do if the header stands further down."""
    known = known_headers(codebook, Spelling())
    return remedy_for_rows_above(table.texts(), lambda text: clean_label(text) in known)
