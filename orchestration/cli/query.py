"""Showing what the served warehouse has: rows of a query or of what else found them, the page of a city, and errata.

Not here: what an erratum is (dbt_project/models/gaps/gap_errata.sql), and the page of a release (release/errata.py).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column

from orchestration.cli.console import console, make_table
from orchestration.common.csv_output import write_csv

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.cities.profile import Profile

TEXT_WIDTH = 40
_LEAST_TEXT_WIDTH = 12
# Around a column.
_PADDING = 3


def run_query(database: Path, sql: str, *, as_csv: bool, limit: int) -> None:
    """Run one query read only and print it, as a table of at most `limit` rows or as CSV of all rows.

    Raises duckdb.Error where the query is wrong.
    """
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(sql)
        if as_csv:
            show_csv(result.to_arrow_table())
            return
        names = [column[0] for column in result.description or []]
        rows = result.fetchmany(limit + 1)
    show_rows(names, rows, limit)


def show_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], limit: int) -> None:
    """Print a table of at most `limit` rows, and how to see more if there are more."""
    shown = rows[:limit]
    columns = [_column(name, [row[position] for row in shown]) for position, name in enumerate(names)]
    if not console.is_terminal:
        Console(width=TEXT_WIDTH * max(len(names), 2), highlight=False).print(make_table(columns, shown, pad_edge=True))
    elif _fit(columns, console.width):
        console.print(make_table(columns, shown, pad_edge=True))
    else:
        _show_below_each_other(names, shown)
    if len(rows) > limit:
        console.print(f"The first {limit} rows. More: --limit, or --csv for all.")


def _fit(columns: Sequence[Column], width: int) -> bool:
    """Cut the widest texts until all columns stand side by side; whether they do."""
    texts = [column for column in columns if column.overflow == "ellipsis"]
    while sum((column.width or 0) + _PADDING for column in columns) > width:
        widest = max(texts, key=lambda column: column.width or 0, default=None)
        if widest is None or not widest.width or widest.width <= _LEAST_TEXT_WIDTH:
            return False
        widest.width -= 1
    return True


def _show_below_each_other(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A line a value: what a terminal shows of rows that it is too narrow for side by side."""
    widest = max(map(len, names))
    for number, row in enumerate(rows, start=1):
        console.rule(f"row {number}", align="left")
        for name, value in zip(names, row, strict=True):
            console.print(f"{name:<{widest}}  {'' if value is None else value}", markup=False)


def show_csv(rows: pa.Table) -> None:
    """Print all rows as CSV."""
    write_csv(rows, sys.stdout.buffer)


def _column(name: str, values: Sequence[Any]) -> Column:
    """Numbers are shown whole, for one cut short would be another; texts in one line, cut where room is wanting."""
    width = max(map(len, (name, *(str(value) for value in values if value is not None))))
    if any(isinstance(value, int | float) for value in values):
        return Column(name, justify="right", no_wrap=True, overflow="fold", width=width)
    return Column(name, no_wrap=True, overflow="ellipsis", width=min(width, TEXT_WIDTH))


def show_profile(profile: Profile) -> None:
    """Print the page of a city, a table a section."""
    from orchestration.cities.profile import HEADINGS

    console.print(f"{profile.title}, wave {profile.wave}, as one of {profile.cohort_code}", markup=False)
    wide = Console(width=max(console.width, 120), highlight=False)
    for section in profile.sections:
        wide.print(f"\n{section.label}", style="bold", markup=False)
        lines = [[line[column] for column in section.filled] for line in section.lines]
        wide.print(make_table([HEADINGS[column] for column in section.filled], lines))


def show_errata(errata: Sequence[Mapping[str, Any]]) -> None:
    """Print the errata as a table and their number by severity."""
    from orchestration.release.errata import SEVERITIES, format_number, tell_place

    columns = (
        Column("where", no_wrap=True, max_width=24, overflow="ellipsis"),
        Column("what", max_width=36),
        Column("printed", justify="right"),
        Column("contradicted by", max_width=32),
        Column("would be", justify="right"),
        Column("computed", justify="right"),
        "severity",
        Column("likely", max_width=28),
    )
    rows = [
        (
            row["source_label"],
            tell_place(row),
            row["printed"],
            row["contradicted_by"],
            format_number(row["expected_value"]),
            format_number(row["computed_value"]),
            row["severity"],
            row["explanation"],
        )
        for row in errata
    ]
    Console(width=max(console.width, 150), highlight=False).print(make_table(columns, rows))
    counts = Counter(row["severity"] for row in errata)
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    console.print(f"{len(errata)} findings{': ' + summary if summary else ''}")
