"""Charts of the workbook: bars of the shares on a sheet, drawn by the reader's program from the cells of its table.

Here: what is drawn of a table. Not here: which columns of it are shares (workbook.py), colours (workbook.yml). A hidden
number is a text, which programs draw as zero: rows that have one are left out of the ranges, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

# More bars than these nobody reads.
MOST_ROWS, MOST_SERIES = 24, 6
_WHOLE, _ROUNDED = 100.0, 0.6
_WIDTH, _BAR, _GROUP, _AROUND = 900, 16, 14, 130
_AXIS = "% of the base"
_LEFT_OUT = "rows with a confidential number are not drawn"
_FIRST = f"the first {MOST_ROWS} rows"


@dataclass(frozen=True)
class Drawn:
    """Cells of a table that a chart draws, by row and column of the table; the header is row -1."""

    series: tuple[tuple[tuple[int, int], ...], ...]
    names: tuple[tuple[int, int] | None, ...]
    categories: tuple[tuple[int, int], ...]
    label_columns: int = 1
    is_stacked: bool = False
    # What is not drawn, in words.
    left_out: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """Pixels."""
        bars = 1 if self.is_stacked else len(self.series)
        return _AROUND + len(self.categories) * (_GROUP + _BAR * bars)


def choose_cells(rows: Sequence[Sequence[Any]], shares: Sequence[int], label_columns: int) -> Drawn | None:
    """What is drawn of a table; None where nothing can be compared, or too much.

    Of one row its shares are compared with each other, of several the rows.
    """
    shares = [place for place in shares if any(_is_number(row[place]) for row in rows)]
    if len(rows) == 1:
        if not 2 <= len(shares) <= MOST_ROWS:
            return None
        cells = tuple((0, place) for place in shares)
        return Drawn((cells,), (None,), tuple((-1, place) for place in shares))
    shown = [number for number, row in enumerate(rows) if all(_is_number(row[place]) for place in shares)]
    drawn = shown[:MOST_ROWS]
    if not shares or len(shares) > MOST_SERIES or len(drawn) < 2:
        return None
    is_cut, is_hidden = len(drawn) < len(shown), any(isinstance(row[place], str) for row in rows for place in shares)
    sums = [sum(rows[number][place] for place in shares) for number in drawn]
    return Drawn(
        series=tuple(tuple((number, place) for number in drawn) for place in shares),
        names=tuple((-1, place) if len(shares) > 1 else None for place in shares),
        categories=tuple((number, 0) for number in drawn),
        label_columns=label_columns,
        is_stacked=len(shares) > 1 and all(abs(total - _WHOLE) <= _ROUNDED for total in sums),
        left_out=(*((_FIRST,) if is_cut else ()), *((_LEFT_OUT,) if is_hidden else ())),
    )


def add_chart(
    book: Workbook, sheet: Worksheet, drawn: Drawn, title: str, first_row: int, below: int, style: Mapping[str, Any]
) -> None:
    """Put a chart below a table whose rows begin at `first_row`; `style` has its colours."""
    chart = book.add_chart({"type": "bar", **({"subtype": "stacked"} if drawn.is_stacked else {})})
    name, colors = sheet.get_name(), style["colors"]
    categories = _formula(name, _ranges(drawn.categories, first_row, drawn.label_columns))
    for number, (cells, heading) in enumerate(zip(drawn.series, drawn.names, strict=True)):
        series = {
            "categories": categories,
            "values": _formula(name, _ranges(cells, first_row)),
            "fill": {"color": colors[number % len(colors)]},
            "gap": 60,
        }
        if heading is not None:
            series["name"] = _formula(name, _ranges([heading], first_row))
        chart.add_series(series)
    font: dict[str, Any] = {"name": "Arial", "size": 9, "bold": False}
    axis = "; ".join((_AXIS, *drawn.left_out))
    chart.set_title({"name": title, "name_font": {**font, "size": 11, "bold": True}, "overlay": False})
    whole = {"max": _WHOLE} if drawn.is_stacked else {}
    chart.set_x_axis({"name": axis, "name_font": font, "num_font": font, "min": 0, "num_format": "0", **whole})
    # Bars are drawn from below: the first row of the table stands first.
    chart.set_y_axis({"reverse": True, "num_font": font, "major_gridlines": {"visible": False}})
    legend: dict[str, Any] = {"none": True} if len(drawn.series) == 1 else {"position": "bottom", "font": font}
    chart.set_legend(legend)
    chart.set_size({"width": _WIDTH, "height": drawn.height})
    told = f"Bar chart of the shares in the table above: {title}."
    sheet.insert_chart(below, 0, chart, {"object_position": 2, "description": told})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranges(cells: Iterable[tuple[int, int]], first_row: int, columns: int = 1) -> Iterator[str]:
    """Ranges of cells that follow each other, down a column or along a row."""
    from xlsxwriter.utility import xl_range_abs

    placed = [(first_row + row, column) for row, column in cells]
    is_down = len({column for _, column in placed}) == 1
    # What follows each other keeps its distance from its place in the list.
    runs = groupby(enumerate(placed), key=lambda numbered: numbered[1][0 if is_down else 1] - numbered[0])
    for _, numbered in runs:
        run = [place for _, place in numbered]
        yield xl_range_abs(*run[0], run[-1][0], run[-1][1] + columns - 1)


def _formula(sheet: str, ranges: Iterable[str]) -> str:
    from xlsxwriter.utility import quote_sheetname

    parts = [f"{quote_sheetname(sheet)}!{one}" for one in ranges]
    return f"={parts[0]}" if len(parts) == 1 else f"=({','.join(parts)})"
