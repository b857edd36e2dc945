"""The printed crosstabs, recomputed from the cells of the extract without the generator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.samples.extracts import Extract, read_csv

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    3: "target", 6: "admin_structure", 7: "admin_structure", 9: "ch_fragmentation", 10: "ch_fragmentation",
    11: "ch_political", 12: "plan_type", 13: "plan_type", 14: "rni_projects", 15: "rni_projects",
    17: "pr_planning", 18: "climate_budget", 19: "climate_budget", 20: "ch_funding", 21: "ch_funding",
    22: "ch_capital_cost", 23: "ch_capital_cost", 24: "ch_market", 25: "ch_market", 26: "ghg_inventory",
    27: "ch_admin_capacity", 28: "ch_admin_capacity", 29: "sk_design", 30: "sk_design", 31: "sk_systemic",
    32: "sk_systemic", 33: "sk_communication", 34: "sk_communication", 35: "in_new_ideas", 36: "in_new_ideas",
}  # fmt: skip
GROUPS = [
    "Large metropolitan areas",
    "Metropolitan areas",
    "Medium-size urban areas",
    "Small urban areas",
    "Towns",
    "No target",
    "Planned target",
    "Existing target",
]
LOST_ROWS = {(15, "Towns"), (20, "Large metropolitan areas")}
Cells = dict[tuple[str, str], tuple[str, int]]


@pytest.fixture(scope="session")
def cells() -> list[dict[str, str]]:
    return read_csv(ROOT / "seeds" / "published" / "2024" / "cells.csv")


def table(cells: list[dict[str, str]], number: int) -> Cells:
    """Printed cells by group and choice label; Tables 18 and 19 have the groups in their columns."""
    found: Cells = {}
    for cell in cells:
        if (cell["source"], cell["number"]) == ("table", str(number)):
            labels = (cell["row_label"], cell["column_label"])
            group, choice = labels if labels[0] in GROUPS else labels[::-1]
            found[group, choice] = (cell["cell_id"], int(float(cell["value"])))
    return found


def counted(responses: list[dict[str, Any]], question: str, group: str, label: str) -> int:
    return sum(row[question] == label and group in (row["size"], row["target"]) for row in responses)


def misses(cells: list[dict[str, str]], responses: list[dict[str, Any]], survey: Extract) -> dict[str, tuple[int, int]]:
    """Printed and counted of every cell that differs; blanks are 0, lost rows unknown."""
    found: dict[str, tuple[int, int]] = {}
    for number, question in TABLES.items():
        printed = table(cells, number)
        groups = {group for group, _ in printed}
        labels = {label for _, label in printed} | {str(row[question]) for row in responses} - {""}
        if number == 3:
            labels = {"No target", "Planned target", "Existing target"}
        for group in groups:
            for label in labels:
                cell_id, value = printed.get((group, label), (f"blank in T{number}: {group}, {label}", 0))
                n = counted(responses, question, group, label)
                if n != value and (number, group) not in LOST_ROWS:
                    found[cell_id] = (value, n)
    found |= figure_misses(cells, responses, survey)
    return found


def figure_misses(
    cells: list[dict[str, str]], responses: list[dict[str, Any]], survey: Extract
) -> dict[str, tuple[int, int]]:
    names = {question["label"]: question["name"] for question in survey.questions}
    same = {"No climate budget in place": "No climate budget", "Not known": "Unsure"}
    found = {}
    for cell in cells:
        if cell["source"] != "figure" or cell["number"] not in ("17", "21", "23", "24", "32"):
            continue
        question = {"17": "plan_type", "21": "climate_budget"}.get(cell["number"])
        if question is None:
            label = cell["row_label"].removesuffix("...")
            question = next(name for text, name in names.items() if text.startswith(label))
        column = same.get(cell["column_label"], cell["column_label"])
        n = sum(row[question] == column for row in responses)
        value = float(cell["value"])
        if cell["measure"] == "percent":
            value = round(value * len(responses) / 100)
        if n != value:
            found[cell["cell_id"]] = (int(value), n)
    return found


def test_printed_crosstabs_and_figures_are_missed_by_65_in_total(
    cells: list[dict[str, str]], responses: list[dict[str, Any]], survey: Extract
) -> None:
    assert sum(abs(value - n) for value, n in misses(cells, responses, survey).values()) == 65


def test_cells_deviate_exactly_as_listed(
    cells: list[dict[str, str]], responses: list[dict[str, Any]], survey: Extract
) -> None:
    listed = {
        row["cell_id"]: (int(row["published"]), int(row["generated"]))
        for row in read_csv(ROOT / "samples" / "deviations.csv")
        if row["counted"] == "yes"
    }
    assert misses(cells, responses, survey) == listed


def test_population_has_the_printed_summary(responses: list[dict[str, Any]]) -> None:
    import statistics

    values = [row["population"] for row in responses]
    assert round(statistics.mean(values), 1) == 257163.9
    assert round(statistics.median(values), 1) == 121500.0
    assert round(statistics.stdev(values), 1) == 370162.9
    assert (min(values), max(values)) == (3145, 1818133)


@pytest.mark.parametrize(("number", "question"), [(5, "exclusions"), (8, "initiatives")], ids=["table 5", "table 8"])
def test_mentions_of_several_choices_are_as_printed(
    cells: list[dict[str, str]], responses: list[dict[str, Any]], number: int, question: str
) -> None:
    for cell in cells:
        if (cell["source"], cell["number"], cell["measure"]) == ("table", str(number), "count"):
            label = cell["column_label"] if number == 5 else cell["row_label"]
            n = sum(label in row[question].split("; ") for row in responses)
            assert n == float(cell["value"]), cell["cell_id"]
