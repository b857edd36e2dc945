"""Showing rows of the served warehouse: of a query, or of what else found them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import console
from orchestration.common.csv_output import write_csv

if TYPE_CHECKING:
    import pyarrow as pa

TEXT_WIDTH = 40


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
    # At its own width, whatever the terminal's: a number cut short would be another number.
    Console(width=TEXT_WIDTH * max(len(names), 2), highlight=False).print(_table(names, rows[:limit]))
    if len(rows) > limit:
        console.print(f"The first {limit} rows. More: --limit, or --csv for all.")


def show_csv(rows: pa.Table) -> None:
    """Print all rows as CSV."""
    write_csv(rows, sys.stdout.buffer)


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
    # A text in brackets is no style.
    return "" if value is None else escape(str(value))
