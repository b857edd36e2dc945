"""The release against the printed report, cell by cell (seeds/published/2024/cells.csv, from D1.1).

Every cell is recomputed by the pipeline from the bundled XLSX. Cells that no set of 62 cities can meet are named in
samples/deviations.csv with the reason; no other cell may differ.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT

PUBLISHED = PROJECT_ROOT / "seeds" / "published" / "2024" / "cells.csv"
DEVIATIONS = PROJECT_ROOT / "samples" / "deviations.csv"
# The least total deviation that 62 cities can have from the crosstabs and Figures 17, 21, 23 and 32.
LEAST_DEVIATION = 65
# Figures whose printed integers are forced to sum to 100 (largest remainder), so that 9 of 62 became 14.
FORCED_TO_100 = {"17", "21"}
Place = tuple[str, str, str, str]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def half_up(number: float) -> int:
    return int(number + 0.5)


def largest_remainder(shares: Mapping[Place, float]) -> dict[Place, int]:
    """Integers that sum to 100: cut all, then raise those with the largest remainders."""
    rounded = {place: int(share) for place, share in shares.items()}
    by_remainder = sorted(shares, key=lambda place: shares[place] - int(shares[place]), reverse=True)
    for place in by_remainder[: 100 - sum(rounded.values())]:
        rounded[place] += 1
    return rounded


@pytest.fixture(scope="module")
def printed() -> list[dict[str, str]]:
    return [row for row in rows_of(PUBLISHED) if row["source"] != "prose" and row["measure"] != "text"]


@pytest.fixture(scope="module")
def computed(bundled: Deployment) -> dict[Place, dict[str, str]]:
    return {place_of(row): row for row in rows_of(bundled.releases / "2024.0" / "internal" / "cells.csv")}


def place_of(row: Mapping[str, str]) -> Place:
    return row["source"], row["number"], row["row_label"], row["column_label"]


def as_printed(row: Mapping[str, str], computed: Mapping[Place, Mapping[str, str]]) -> float:
    """The computed cell in the measure and rounding of the printed one."""
    cell = computed[place_of(row)]
    if row["measure"] == "count":
        return float(cell["n"])
    if row["measure"] != "percent":
        return round(float(cell["value"]), 1)
    if row["source"] == "figure" and row["number"] in FORCED_TO_100:
        figure = {
            place: float(other["share_pct"])
            for place, other in computed.items()
            if place[:2] == (row["source"], row["number"])
        }
        return largest_remainder(figure)[place_of(row)]
    return half_up(float(cell["share_pct"]))


def test_every_printed_cell_is_in_the_release(
    printed: list[dict[str, str]], computed: dict[Place, dict[str, str]]
) -> None:
    assert [row["cell_id"] for row in printed if place_of(row) not in computed] == []
    assert len(printed) == 636


def test_only_the_named_cells_differ_from_the_report(
    printed: list[dict[str, str]], computed: dict[Place, dict[str, str]]
) -> None:
    differing = {
        row["cell_id"]: as_printed(row, computed) for row in printed if as_printed(row, computed) != float(row["value"])
    }
    named = {
        row["cell_id"]: half_up(float(row["generated"])) for row in rows_of(DEVIATIONS) if row["cell_id"][0] == "T"
    }
    assert differing == named


def test_blank_cells_of_printed_crosstabs_are_zero(
    printed: list[dict[str, str]], computed: dict[Place, dict[str, str]]
) -> None:
    """A blank cell is 0 (spec, item 6); a row that is not printed at all was lost and is unknown."""
    shown = {place_of(row) for row in printed}
    rows_shown = {(row["source"], row["number"], row["row_label"]) for row in printed if row["measure"] == "count"}
    crosstabs = {row["number"] for row in printed if row["row_dimension"] in ("size", "target", "budget")}
    filled = [
        place
        for place, cell in computed.items()
        if place[0] == "table"
        and place[1] in crosstabs
        and place[:3] in rows_shown
        and place not in shown
        and cell["n"] != "0"
    ]
    assert filled == []


def test_total_deviation_is_the_least_possible(
    printed: list[dict[str, str]], computed: dict[Place, dict[str, str]]
) -> None:
    crosstabs = ("size", "target", "budget", "item", "all")
    total = sum(
        abs(as_printed(row, computed) - float(row["value"])) for row in printed if row["row_dimension"] in crosstabs
    )
    assert total == LEAST_DEVIATION


@pytest.mark.parametrize(
    ("statement", "table", "row", "columns", "n", "base"),
    [
        (
            "l.1276: 69 % of small urban areas see fragmentation as an obstacle",
            "9",
            "Small urban areas",
            "45",
            18,
            26,
        ),
        ("l.1897: 71 % of towns, lack of funding", "20", "Towns", "45", 10, 14),
        ("l.1909: 88 % of metropolitan areas, capital costs", "22", "Metropolitan areas", "45", 7, 8),
        ("l.1921: 64 % of planned targets, market", "25", "Planned target", "45", 16, 25),
        ("l.2636: 82 % (sic) of small urban areas, new ideas", "35", "Small urban areas", "45", 21, 26),
    ],
)
def test_levels_4_and_5_over_all_members_give_the_quoted_share(
    computed: dict[Place, dict[str, str]],
    statement: str,
    table: str,
    row: str,
    columns: str,
    n: int,
    base: int,
) -> None:
    cells = [
        cell
        for (source, number, row_label, column_label), cell in computed.items()
        if (source, number, row_label) == ("table", table, row) and column_label[0] in columns
    ]
    assert (sum(int(cell["n"]) for cell in cells), {int(cell["base_n"]) for cell in cells}) == (n, {base}), statement


def test_missing_answers_stay_in_the_base(computed: dict[Place, dict[str, str]]) -> None:
    """Figure 32: 47 answers on technical knowledge, 15 missing, base 62 (spec, item 7)."""
    label = "Lack of technical knowledge and skills on planning mitigation/climate-neutral actions"
    cells = [cell for place, cell in computed.items() if place[:3] == ("figure", "32", label)]
    assert {(cell["base_n"], cell["answered_n"]) for cell in cells} == {("62", "47")}
    assert sum(int(cell["n"]) for cell in cells) == 47
