"""Showing the errata of a printed report, or of the draft of one, in the terminal.

Not here: what an erratum is (dbt_project/models/gaps/gap_errata.sql), and the page of a release (release/errata.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table

from orchestration.release.errata import SEVERITIES, shown_number


class ErrataError(ValueError):
    """A wave without a printed report, or a severity that does not exist; the message says which there are."""


def read_errata(database: Path, wave: str | None = None, severity: str | None = None) -> list[dict[str, Any]]:
    """Errata of a wave (default: the newest with a printed report), in the order of print."""
    import duckdb

    if severity is not None and severity not in SEVERITIES:
        raise ErrataError(f"There is no severity {severity!r}; choose one of {', '.join(SEVERITIES)}.")
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select distinct wave from knowledge.published_cells order by wave").fetchall()
        waves = [row[0] for row in found]
        if not waves or wave not in (None, *waves):
            raise ErrataError(
                f"No printed report of wave {wave or 'any'} is known (there is: {', '.join(waves) or 'none'}). "
                "Put its numbers into published/<wave>/cells.csv of the seeds and refresh."
            )
        result = connection.execute(
            "select * from gaps.gap_errata where wave = $wave and severity = coalesce($severity, severity) "
            "order by position, erratum_id",
            {"wave": wave or waves[-1], "severity": severity},
        )
        return [dict(row) for row in result.to_arrow_table().to_pylist()]


def show_errata(errata: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print the errata as a table and their number by severity."""
    table = Table(
        Column("where", no_wrap=True, max_width=24, overflow="ellipsis"),
        Column("what", max_width=36),
        Column("printed", justify="right"),
        Column("contradicted by", max_width=32),
        Column("would be", justify="right"),
        Column("computed", justify="right"),
        "severity",
        Column("likely", max_width=28),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for row in errata:
        table.add_row(
            row["source_label"],
            row["place"],
            row["printed"],
            row["contradicted_by"],
            shown_number(row["expected_value"]),
            shown_number(row["computed_value"]),
            row["severity"],
            row["explanation"] or "",
        )
    Console(width=max(console.width, 150), highlight=False).print(table, markup=False)
    counts = Counter(row["severity"] for row in errata)
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    console.print(f"{len(errata)} findings{': ' + summary if summary else ''}")
