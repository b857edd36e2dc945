"""Showing the result of a query on the served warehouse."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table


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
    table = Table(*names)
    for row in rows[:limit]:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
    if len(rows) > limit:
        console.print(f"The first {limit} rows. More: --limit, or --csv for all.")
