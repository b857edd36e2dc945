"""What the report prints: `seeds/published/2024/cells.csv`, typed.

Belongs here: reading the reviewed record of the printed report. Not here: what follows from it for
respondents.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
PUBLISHED = SEEDS / "published" / "2024"


@dataclass(frozen=True)
class Cell:
    """One printed number."""

    cell_id: str
    source: str
    number: str
    row: str
    column: str
    measure: str
    value: float
    printed: str
    line: int


def read_csv(path: Path) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV file by header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def cells() -> tuple[Cell, ...]:
    """Every printed number, in the order of the file."""
    return tuple(
        Cell(
            cell_id=row["cell_id"],
            source=row["source"],
            number=row["number"],
            row=row["row_label"],
            column=row["column_label"],
            measure=row["measure"],
            value=float(row["value"]),
            printed=row["printed"],
            line=int(row["line"]),
        )
        for row in read_csv(PUBLISHED / "cells.csv")
        if row["measure"] != "text"
    )


def of(source: str, number: int) -> list[Cell]:
    """The cells of one table or figure; raises LookupError if the record has none."""
    found = [cell for cell in cells() if cell.source == source and cell.number == str(number)]
    if not found:
        raise LookupError(f"{PUBLISHED / 'cells.csv'} has no cell of {source} {number}")
    return found


def value(cell_id: str) -> float:
    """The printed number of one cell; raises LookupError if it is not in the record."""
    for cell in cells():
        if cell.cell_id == cell_id:
            return cell.value
    raise LookupError(f"{PUBLISHED / 'cells.csv'} has no cell {cell_id!r}")


def horizon_projects() -> list[str]:
    """Titles of the projects in Table 16."""
    return [row["row_label"] for row in read_csv(PUBLISHED / "text.csv") if row["number"] == "16"]
