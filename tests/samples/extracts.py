"""The bundled extracts as a reader of the files sees them, without the generator."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = Path(__file__).resolve().parents[2] / "seeds" / "rounds"
PREAMBLE_ROWS = 4
SIZES = (
    (1_500_000, "Large metropolitan areas"),
    (500_000, "Metropolitan areas"),
    (200_000, "Medium-size urban areas"),
    (50_000, "Small urban areas"),
    (0, "Towns"),
)


@dataclass(frozen=True)
class Extract:
    """Sheets as they are, and answers by question name as the labels in the cells."""

    folder: Path
    sheets: dict[str, list[list[Any]]]
    questions: list[dict[str, str]]
    choices: dict[str, dict[str, str]]

    @property
    def header(self) -> list[str]:
        return [name for sheet in self.sheets.values() for name in sheet[PREAMBLE_ROWS - 1] if name != ""]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dict a response: by question name, and by the platform's own column names."""
        names = [question["name"] for question in self.questions] + self.header[len(self.questions) :]
        data = [sheet[PREAMBLE_ROWS:] for sheet in self.sheets.values()]
        widths = [sum(cell != "" for cell in sheet[PREAMBLE_ROWS - 1]) for sheet in self.sheets.values()]
        joined = [
            [cell for part, width in zip(parts, widths, strict=True) for cell in part[:width]]
            for parts in zip(*data, strict=True)
        ]
        return [dict(zip(names, cells, strict=True)) for cells in joined]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(instrument: str, round_name: str) -> Extract:
    import python_calamine

    folder = ROUNDS / instrument / round_name
    workbook = python_calamine.CalamineWorkbook.from_path(folder / "extract.xlsx")
    sheets = {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names}
    choices: dict[str, dict[str, str]] = {}
    for row in read_csv(folder / "choices.csv"):
        choices.setdefault(row["list_name"], {})[row["name"]] = row["label"]
    return Extract(folder, sheets, read_csv(folder / "questions.csv"), choices)


def plan_type(plans: set[str]) -> str:
    if plans == {"No plan"}:
        return "No plan"
    if plans == {"Cross-sectoral or integrated climate plan"}:
        return "Only cross-sectoral plans"
    is_both = "Cross-sectoral or integrated climate plan" in plans
    return "Sectoral and cross-sectoral plans" if is_both else "Only sectoral plans"
