"""The errata of a printed report as a page that a person reads.

Here: the wording of the page. Not here: what an erratum is (dbt_project/models/gaps/gap_errata.sql).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.disclosure.tables import OBS_STATUS, SUPPRESSED
from orchestration.warehouse.build_record import read_column

HIDDEN = "[c]"
SEVERITIES = {
    "major": "Major: changes what a sentence or a table says",
    "minor": "Minor: a small difference",
    "rounding": "Rounding: the same counts, rounded otherwise",
    "wording": "Wording",
}


def errata_page(wave: str, errata: Sequence[Mapping[str, Any]]) -> str:
    """Markdown page of the errata of a wave, by severity, each list in the order of print."""
    counts = Counter(row["severity"] for row in errata)
    summary = ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity])
    lines = [
        f"# Errata of the printed report, wave {wave}",
        "",
        f"{len(errata)} findings{f' ({summary})' if summary else ''}, all by rules over the printed numbers.",
        "Each names the printed place, what contradicts it, the value that it would have by that, and the one that we",
        "compute from the answers.",
        "`gaps/gap_errata.csv` has the same as data.",
    ]
    if any(row.get("is_synthetic") and row.get("computed_value") is not None for row in errata):
        lines += ["", "What we compute is of synthetic answers, made from published tables: no city gave them."]
    if any(row.get(OBS_STATUS) == SUPPRESSED for row in errata):
        lines += ["", f"{HIDDEN} stands for numbers of a table that does not show all of its own, or of answers."]
    for severity, title in SEVERITIES.items():
        rows = [row for row in errata if row["severity"] == severity]
        if rows:
            lines += [
                "",
                f"## {title}",
                "",
                "| where | what | printed | contradicted by | would be | computed | likely |",
                "|---" * 7 + "|",
            ]
            lines += [_line(row) for row in sorted(rows, key=lambda row: (row["position"], row["erratum_id"]))]
    return "\n".join(lines) + "\n"


def format_number(value: float | None) -> str:
    """A number with at most one decimal and thousands apart; empty for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def tell_place(row: Mapping[str, Any]) -> str:
    """The place that is wrong; of a tie every place that may be."""
    return f"{row['place']}; or {row['alternatives']}" if row.get("alternatives") else str(row["place"])


def _line(row: Mapping[str, Any]) -> str:
    cells = (
        row["source_label"],
        tell_place(row),
        HIDDEN if row.get(OBS_STATUS) == SUPPRESSED else row["printed"] or "",
        row["contradicted_by"] or "",
        format_number(row["expected_value"]),
        format_number(row.get("computed_value")),
        row["explanation"] or "",
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


class ErrataError(ValueError):
    """A wave without a printed report, or a severity that does not exist; the message says which there are."""


def read_errata(database: Path, wave: str | None = None, severity: str | None = None) -> list[dict[str, Any]]:
    """Errata of a wave (default: the newest with a printed report), in the order of print."""
    import duckdb

    if severity is not None and severity not in SEVERITIES:
        raise ErrataError(f"There is no severity {severity!r}; choose one of {', '.join(SEVERITIES)}.")
    waves = read_column(database, "select distinct wave from knowledge.published_cells", {})
    if not waves or wave not in (None, *waves):
        raise ErrataError(
            f"No printed report of wave {wave or 'any'} is known (there is: {', '.join(waves) or 'none'}). "
            "Put its numbers into published/<wave>/cells.csv of the seeds and refresh."
        )
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(
            "select * from gaps.gap_errata where wave = $wave and severity = coalesce($severity, severity) "
            "order by position, erratum_id",
            {"wave": wave or waves[-1], "severity": severity},
        )
        return [dict(row) for row in result.to_arrow_table().to_pylist()]
