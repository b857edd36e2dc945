"""Showing the errata of a printed report, or of the draft of one, in the terminal.

Not here: what an erratum is (dbt_project/models/gaps/gap_errata.sql), and the page of a release (release/errata.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column

from orchestration.cli.console import console, make_table
from orchestration.release.errata import SEVERITIES, shown_number


def show_errata(errata: Sequence[Mapping[str, Any]]) -> None:
    """Print the errata as a table and their number by severity."""
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
            *(row[name] for name in ("source_label", "place", "printed", "contradicted_by")),
            shown_number(row["expected_value"]),
            shown_number(row["computed_value"]),
            row["severity"],
            row["explanation"],
        )
        for row in errata
    ]
    Console(width=max(console.width, 150), highlight=False).print(make_table(columns, rows))
    counts = Counter(row["severity"] for row in errata)
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    console.print(f"{len(errata)} findings{': ' + summary if summary else ''}")
