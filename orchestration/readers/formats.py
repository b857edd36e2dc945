"""Formats of cells that show another text than the number they hold: a share as a percentage, a code with its zeros.

Not here: dates, which the library that reads workbooks knows (workbook.py); what a percentage is worth (answers.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

# The text that a cell shows for its number.
Shown = Callable[[float], str]

_BUILT_IN = {"9": "0%", "10": "0.00%"}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ZEROS = re.compile(r"0{2,}")


def as_percentage(number: float) -> str:
    """A share as a percentage, with all its digits."""
    return f"{(Decimal(repr(number)) * 100).normalize():f}%"


def shown_by(code: str) -> Shown | None:
    """What shows a number in the format of this code; None where it shows the number as it is, or a date."""
    plain = _LITERAL.sub("", code.partition(";")[0])
    if "%" in plain:
        return as_percentage
    if _ZEROS.fullmatch(plain):
        return lambda number: f"{number:0{len(plain)}.0f}" if number.is_integer() else repr(number)
    return None


def shown_by_style(styles: Any) -> Mapping[str, Shown]:
    """What shows the numbers of a workbook by the number of their style. Source: ECMA-376, part 1, 18.8.30."""
    nodes = [(node.tag.rpartition("}")[2], node) for node in styles.iter()]
    codes = {node.get("numFmtId"): str(node.get("formatCode")) for tag, node in nodes if tag == "numFmt"}
    formats = next((list(node) for tag, node in nodes if tag == "cellXfs"), [])
    found = {}
    for style, node in enumerate(formats):
        number = node.get("numFmtId")
        shown = shown_by(codes.get(number) or _BUILT_IN.get(number, ""))
        if shown is not None:
            found[str(style)] = shown
    return found
