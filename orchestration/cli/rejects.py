"""Rejected rows and answers as tables in the terminal.

Not here: reading them (landing/rejects.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table

from orchestration.cli.console import console, make_table, shorten
from orchestration.landing.rejects import Rejects

if TYPE_CHECKING:
    import pyarrow as pa


_MAX_RAW = 60


def show_rejects(found: Sequence[Rejects], limit: int) -> None:
    """Print for each round how much was rejected and why, then at most `limit` rows and answers."""
    for rejects in found:
        landed = rejects.landed
        console.print(
            f"{landed.key}: {landed.rejected_rows_n:,} of {landed.rows_in:,} rows and {landed.rejected_answers_n:,} "
            f"answers rejected",
            markup=False,
        )
        if rejects.state:
            console.print(f"Landing {landed.landing_id}: {rejects.state}", markup=False, style="yellow")
        if rejects.entries.num_rows:
            console.print(_summary(rejects.entries))
            console.print(_listing(rejects.entries.slice(0, limit).to_pylist()))
        elif landed.rejected_rows_n or landed.rejected_answers_n:
            console.print("None of them is what was asked for.")
        if rejects.entries.num_rows > limit:
            console.print(f"The first {limit} of {rejects.entries.num_rows:,}. More: --limit, or --csv for all.")
    if not found:
        console.print("No round has landed yet. Run `needs refresh` first.")


def _summary(entries: pa.Table) -> Table:
    keys = ["scope", "reason_code", "question_code"]
    counted = entries.group_by(keys).aggregate([([], "count_all")]).to_pylist()
    rows = [
        ("rows" if row["scope"] == "row" else "answers", row["reason_code"], row["question_code"], f"{n:,}")
        for row in sorted(counted, key=lambda row: (-row["count_all"], *(row[key] or "" for key in keys)))
        for n in [row["count_all"]]
    ]
    return make_table(("rejected", "reason", "question", Column("n", justify="right")), rows)


def _listing(entries: Sequence[dict[str, Any]]) -> Table:
    has_files = len({entry["source_file"] for entry in entries}) > 1
    columns = (
        Column("place", no_wrap=True),
        Column("response, question", overflow="fold"),
        Column("delivered", max_width=24, overflow="fold"),
        Column("reason, remedy", min_width=30),
    )
    rows = [
        (
            "\n".join(_place(entry, has_files)),
            "\n".join(filter(None, (entry["response_id"] or "whole row", entry["question_code"]))),
            shorten(entry["raw"], _MAX_RAW),
            f"{entry['reason_code']}: {entry['reason']}. To do: {entry['remedy']}.",
        )
        for entry in entries
    ]
    return make_table(columns, rows, collapse_padding=True, show_lines=True)


def _place(entry: dict[str, Any], has_files: bool) -> Iterator[str]:
    if has_files:
        yield entry["source_file"].rpartition("/")[2]
    if entry["source_sheet"] is not None:
        yield f"sheet {entry['source_sheet']}"
    row, column, letter = entry["source_row"], entry["source_column"], entry["column_letter"]
    where = "" if column is None else f", column {letter} ({column})" if letter else f", column {column}"
    yield f"row {row}{where}"
