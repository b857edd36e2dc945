"""Every number that the first report prints against the one that the warehouse computes (D1.1, 2024)."""

import csv
from collections import Counter

import duckdb
import pytest
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT

DEVIATIONS = PROJECT_ROOT / "samples" / "deviations.csv"
# Sentences that no answers can make true beside those of samples/deviations.csv, and why.
NO_ANSWERS_MAKE_TRUE = {
    "P673.20,000.Towns upper bound (footnote 14)": "line 684 has 50 000",
    "P1909.70%.Adopted target: high initial capital cost levels 4-5": "Table 23 has 25 of 33",
    "P2345.39%.plan to allocate additional trained staff": "39 % of 50 cities is no whole number of cities",
    "P2636.82%.Small: capacity for new ideas levels 4-5": "82 % of 26 cities is no whole number of cities",
}
Row = dict[str, object]


@pytest.fixture(scope="module")
def rows(bundled: Deployment) -> list[Row]:
    path = bundled.releases / "2024.0" / "internal" / "gaps" / "gap_reconciliation.parquet"
    return duckdb.read_parquet(str(path)).to_arrow_table().to_pylist()


def by_id(rows: list[Row]) -> dict[object, Row]:
    return {row["cell_id"]: row for row in rows}


def test_every_printed_number_has_one_row_with_a_status(rows: list[Row]) -> None:
    with (PROJECT_ROOT / "seeds" / "published" / "2024" / "cells.csv").open(encoding="utf-8", newline="") as file:
        printed = [row["cell_id"] for row in csv.DictReader(file)]
    assert sorted(printed) == sorted(str(row["cell_id"]) for row in rows)
    assert len(rows) == 908
    assert all(row["reconciliation_status"] for row in rows)


def test_what_differs_is_named_and_explained(rows: list[Row]) -> None:
    with DEVIATIONS.open(encoding="utf-8", newline="") as file:
        named = {row["cell_id"] for row in csv.DictReader(file)} | set(NO_ANSWERS_MAKE_TRUE)
    assert {row["cell_id"] for row in rows if row["reconciliation_status"] == "differs"} == named


def test_every_share_of_a_sentence_is_computed_with_its_base(rows: list[Row]) -> None:
    """Spec section 9: 96 percentages of the text, each a numerator over a denominator."""
    shares = [row for row in rows if row["statistic"] == "share" and row["source"] == "prose"]
    computed = [row for row in shares if row["why_not_computable"] is None]
    assert all(row["base_n"] for row in computed)
    assert len(computed) >= 96


@pytest.mark.parametrize(
    ("cell_id", "n", "base_n"),
    [
        ("P484.61%.capacity need: climate finance and investment planning", 68, 112),
        ("P729.60%.small urban areas and towns among cities with a target in place or in process", 37, 58),
        ("P952.20%.existing target and cross-sectoral collaboration", 13, 62),
        ("P1126.63%.academia: consult scholars on policies and strategies", 22, 35),
        ("P1276.69%.small urban areas seeing fragmentation as obstacle (levels 4-5)", 18, 26),
        ("P1431.9.Covenant of Mayors without SECAP/SEAP", 9, 62),
        ("P1433.9.SECAP/SEAP without Covenant of Mayors", 9, 62),
        ("P1668.67%.adopted-target cities rating planning solutions levels 4-5", 22, 33),
        ("P1737.67%.1-10% of annual budget for climate in 2023", 6, 9),
        ("P1763.78%.small urban areas or towns among cities without a dedicated budget", 21, 27),
        ("P2265.82%.GHG inventory undertaken or under preparation", 51, 62),
        ("P2360.76%.Planned target: insufficient admin capacity levels 4-5", 19, 25),
        ("P2933.none.absolute-zero cities rating admin capacity a high challenge", 0, 6),
    ],
)
def test_a_sentence_has_the_numerator_and_base_of_the_specification(
    rows: list[Row], cell_id: str, n: int, base_n: int
) -> None:
    row = by_id(rows)[cell_id]
    assert (row["n"], row["base_n"]) == (n, base_n)


def test_roundings_of_print_are_recognised_and_named(rows: list[Row]) -> None:
    """Spec, item 4: chart mode (F17, F21), sums of rounded levels, cut-off percentages (l.950-952)."""
    roundings = {row["cell_id"]: row["rounding"] for row in rows}
    assert roundings["F17.No plan"] == roundings["F21.Not known"] == "forced to sum to 100"
    assert roundings["P1907.78%.Towns: high initial capital cost levels 4-5"] == "sum of rounded levels"
    assert roundings["P952.20%.existing target and cross-sectoral collaboration"] == "cut off"
    assert (
        roundings["P2781.almost 90%.collaborate with national and regional governments (almost)"] == "in words: almost"
    )


def test_what_is_not_computable_says_why(rows: list[Row]) -> None:
    left = [row for row in rows if row["reconciliation_status"] == "not computable from our data"]
    assert all(row["why_not_computable"] for row in left)
    assert Counter(row["source"] for row in left) == {"table": 52, "prose": 26}
