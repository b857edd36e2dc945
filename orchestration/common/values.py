"""One cell of an extract: its text, number, date or choices, or the fault why it has none.

Here: what a value may look like. Not here: which values are plausible (expectations/door.py), rows and
columns (rows.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from orchestration.common.personal import remove_personal
from orchestration.common.text import clean_label, clean_text

Cell = str | float | int | bool | date | datetime | time | timedelta | None

# Excel's day 0, for serials after its imaginary 29 February 1900.
_EXCEL_EPOCH = datetime(1899, 12, 30)
# Serials of 1920-01-01 and 2100-01-01: a smaller number in a date column is a year or a slip, not a day.
_FIRST_SERIAL, _LAST_SERIAL = 7306, 73051
# From here on a float64 no longer tells each integer from the next.
_FIRST_INEXACT_INTEGER = 2**53

_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:\.[0-9]+)?")
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
_SERIAL = re.compile(r"[0-9]{4,5}(?:\.[0-9]+)?")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+|[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_PLAIN_NUMBER = re.compile(r"(?P<whole>-?(?:0|[1-9][0-9]*))(?:[.,](?P<fraction>[0-9]+))?")
_MAX_QUOTED = 80


@dataclass(frozen=True)
class Fault:
    """Why a cell has no value of its question's type."""

    code: str
    reason: str
    remedy: str


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, only white space, only zero-width characters."""
    if cell is None or cell == "":
        return True
    return isinstance(cell, str) and not cell[0].isalnum() and not clean_label(cell)


def cell_text(cell: Cell) -> str:
    """The text of a cell as a person would type it: whole numbers without a fraction, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _FIRST_INEXACT_INTEGER:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def quote(cell: Cell) -> str:
    """A cell as messages quote it: short, on one line, without personal data."""
    text, _ = remove_personal(clean_label(cell_text(cell)))
    return repr(text if len(text) <= _MAX_QUOTED else text[: _MAX_QUOTED - 1] + "…")


def free_text(cell: Cell) -> str | None:
    """The free text of a cell, cleaned; None if it says nothing."""
    return None if is_blank(cell) else clean_text(cell_text(cell)) or None


def fills(cell: Cell, limit: int) -> bool:
    """Whether a text is as long as a cell can be (in UTF-16 units, as spreadsheets count): its end may be lost."""
    return (
        isinstance(cell, str)
        and len(cell) <= limit <= 2 * len(cell)
        and len(cell.encode("utf-16-le", "surrogatepass")) == 2 * limit
    )


def number(cell: Cell, is_whole: bool, decimal: str = ".") -> float | Fault:
    """The number of a cell: a numeric cell, or a text with its decimal sign and spaces between thousands."""
    found = _number_in(cell, decimal, may_have_exponent=not is_whole)
    if found is None or not math.isfinite(found):
        sign = "point" if decimal == "." else "comma"
        remedy = f"write digits with a decimal {sign}, without units"
        return Fault("not_a_number", f"{quote(cell)} is not a number", remedy)
    # Nobody writes a whole number with three decimals: the sign parts thousands there.
    if is_whole and (not found.is_integer() or (isinstance(cell, str) and _GROUPED.fullmatch(clean_label(cell)))):
        return Fault("not_a_number", f"{quote(cell)} is not a whole number", "write all digits, without a point")
    if abs(found) >= _FIRST_INEXACT_INTEGER and (is_whole or _is_long_code(cell)):
        return Fault(
            "not_a_number",
            f"{quote(cell)} has too many digits to be exact",
            "make the question a text question",
        )
    return found


def may_be_thousands(cells: Iterable[Cell]) -> bool:
    """Whether texts have one sign, a comma or a point, and three digits behind each: `250,000` may be two numbers."""
    signed = [cell for cell in cells if isinstance(cell, str) and ("," in cell or "." in cell)]
    signs = {sign for text in signed for sign in ",." if sign in text}
    return len(signs) == 1 and all(_GROUPED.fullmatch(clean_label(text)) for text in signed)


def number_key(text: str) -> str | None:
    """A number in the one way in which equal numbers are written alike; None for a text that may be something else.

    Codes (a leading zero) are none, nor are three digits behind a sign, which may be thousands.
    """
    match = _PLAIN_NUMBER.fullmatch(text)
    if match is None or len(match["fraction"] or "") == 3:
        return None
    fraction = (match["fraction"] or "").rstrip("0")
    return f"{match['whole']}.{fraction}" if fraction else match["whole"]


def _is_long_code(cell: Cell) -> bool:
    """Whether a text is digits alone: more of them than a number holds are a code."""
    return isinstance(cell, str) and clean_label(cell).isdecimal()


def _number_in(cell: Cell, decimal: str, may_have_exponent: bool) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if not isinstance(cell, str):
        return None
    text = clean_label(cell).replace("\N{MINUS SIGN}", "-")
    if decimal != ".":
        text = text.replace(".", "?").replace(decimal, ".")
    if _NUMBER.fullmatch(text) or (may_have_exponent and _EXPONENT.fullmatch(text)):
        return float(text.replace(" ", ""))
    return None


def moment(cell: Cell) -> datetime | Fault:
    """The point in time of a cell: a date cell, an Excel serial or ISO text; with a zone, in UTC."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    found = None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        found = _from_serial(float(cell))
    elif isinstance(cell, str):
        found = _from_text(clean_label(cell))
    return found or Fault("not_a_date", f"{quote(cell)} is not a date", "write it as YYYY-MM-DD or as a date cell")


def day(cell: Cell) -> date | Fault:
    """The date of a cell, as written: a zone does not move it."""
    if isinstance(cell, str) and _ISO.fullmatch(clean_label(cell)):
        cell = clean_label(cell)[:10]
    found = moment(cell)
    return found.date() if isinstance(found, datetime) else found


def _from_serial(serial: float) -> datetime | None:
    if not _FIRST_SERIAL <= serial < _LAST_SERIAL:
        return None
    return _EXCEL_EPOCH + timedelta(seconds=round(serial * 86400))


def _from_text(text: str) -> datetime | None:
    if _SERIAL.fullmatch(text):
        return _from_serial(float(text))
    if not _ISO.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
