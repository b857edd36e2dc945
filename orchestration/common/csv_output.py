"""The one writer of the CSV that leaves the warehouse: no text in it is a formula to a spreadsheet.

Numbers stay numbers. Parquet keeps texts as they are. Not here: reading CSV (strict_csv.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

# As OWASP lists them (CSV Injection), with their full-width forms, behind any white space. Both patterns are read by
# Python and by RE2, whose \s is ASCII only.
_WHITE_SPACE = (
    r"\s"
    "\N{NO-BREAK SPACE}\N{EN QUAD}-\N{ZERO WIDTH SPACE}\N{NARROW NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}"
    "\N{ZERO WIDTH NO-BREAK SPACE}"
)
_SIGNS = (
    r"=+\-@"
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
_FORMULA = rf"^(?:[\t\r\n]|[{_WHITE_SPACE}]*[{_SIGNS}])"
_NO_FORMULA = r"^(?:[+-]?[0-9]+(?:[.,][0-9]+)? ?%?|-)$"


def neutralise(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet could take it for a formula."""
    return f"'{text}" if re.match(_FORMULA, text) and not re.match(_NO_FORMULA, text) else text


def write_csv(rows: pa.Table, target: Path | BinaryIO) -> None:
    """Write a table as UTF-8 CSV with a header row, texts and names neutralised."""
    import pyarrow as pa
    import pyarrow.csv as csv

    columns = [_neutralise_column(column) for column in rows.columns]
    neutral = pa.table(columns, names=[neutralise(name) for name in rows.column_names])
    csv.write_csv(neutral, target, csv.WriteOptions(quoting_style="needed"))


def _neutralise_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    is_formula = pc.and_not(pc.match_substring_regex(column, _FORMULA), pc.match_substring_regex(column, _NO_FORMULA))
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)
