"""Showing the result of a query on the served warehouse."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

TEXT_WIDTH = 40


def run_query(database: Path, sql: str, console: Console, *, as_csv: bool, limit: int) -> None:
    """Run one query read only and print it, as a table of at most `limit` rows or as CSV of all rows.

    Raises duckdb.Error where the query is wrong.
    """
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(sql)
        if as_csv:
            import pyarrow.csv as csv

            csv.write_csv(result.to_arrow_table(), sys.stdout.buffer)
            return
        names = [column[0] for column in result.description or []]
        rows = result.fetchmany(limit + 1)
    table = _table(names, rows[:limit])
    # At its own width, whatever the terminal's: a number cut short would be another number.
    Console(width=TEXT_WIDTH * max(len(names), 2), highlight=False).print(table)
    if len(rows) > limit:
        console.print(f"The first {limit} rows. More: --limit, or --csv for all.")


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """One line a row: numbers are shown whole, texts cut at a width that leaves room for them."""
    table = Table(box=box.SIMPLE_HEAD)
    for position, name in enumerate(names):
        values = [row[position] for row in rows]
        if any(isinstance(value, int | float) for value in values):
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=TEXT_WIDTH)
    for row in rows:
        table.add_row(*map(_shown, row))
    return table


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
