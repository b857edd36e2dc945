"""The order of needs in resamples of the cities, against cities drawn one by one."""

import random
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest

from orchestration.statistics.resampling import draw_counts, rank_relatively, rank_stability

THRESHOLDS = {"relative_rank_difference": 0.34, "stability_resamples": 2000}
PAIRS = pa.table({"cohort_code": ["MC"], "comparison_cohort_code": ["NMC"]})
LIST = "citizens+funding+staff"


def pattern(cohort: str, stated: str, n: int, asked: str = LIST) -> dict[str, object]:
    codes = {"cohort_code": cohort, "asked_codes": asked, "stated_codes": stated}
    return {"wave": "2030", "is_census": cohort == "MC", "n": n, **codes}


def overlaps(patterns: Iterable[dict[str, object]]) -> dict[str, float]:
    rows = rank_stability(pa.Table.from_pylist(list(patterns)), PAIRS, THRESHOLDS).to_pylist()
    assert {(row["wave"], row["cohort_code"], row["comparison_cohort_code"]) for row in rows} <= {("2030", "MC", "NMC")}
    return {row["need_code"]: row["overlap_share"] for row in rows}


CENSUS = [pattern("MC", "funding+staff", 60), pattern("MC", "funding", 40), pattern("MC", "citizens", 12)]
SAMPLE = [
    pattern("NMC", "funding+staff", 14),
    pattern("NMC", "staff", 8),
    pattern("NMC", "citizens+funding", 9),
    pattern("NMC", "citizens", 11),
    pattern("NMC", "", 20),
]


def test_needs_are_ranked_from_the_largest_count_and_equal_ones_share_the_better_rank() -> None:
    counts = np.array([[5, 9, 1], [4, 4, 0], [7, 7, 7]])
    assert rank_relatively(counts).tolist() == [[0.5, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_a_resample_has_as_many_cities_and_keeps_what_goes_together() -> None:
    chosen = np.array([[1, 1, 0], [0, 0, 1], [0, 0, 0]])
    counts = draw_counts(chosen, np.array([30, 20, 12]), 500, "x")
    assert counts.shape == (500, 3)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 0] + counts[:, 2] <= 62).all()
    assert counts.mean(axis=0) == pytest.approx([30, 30, 20], abs=1)


def test_the_share_is_that_of_cities_drawn_one_by_one() -> None:
    draw = random.Random(5)
    cities = [row["stated_codes"].split("+") for row in SAMPLE for _ in range(row["n"])]
    needs = LIST.split("+")
    # Ranks of the census: funding, staff, citizens.
    own = {"funding": 0.0, "staff": 0.5, "citizens": 1.0}
    kept = dict.fromkeys(needs, 0)
    for _ in range(4000):
        again = draw.choices(cities, k=len(cities))
        counts = {need: sum(need in stated for stated in again) for need in needs}
        for need in needs:
            rank = sum(other > counts[need] for other in counts.values()) / 2
            kept[need] += abs(own[need] - rank) <= 0.34
    found = overlaps([*CENSUS, *SAMPLE])
    assert found == {need: pytest.approx(kept[need] / 4000, abs=0.03) for need in needs}
    assert all(0.1 < share < 0.9 for share in found.values()), "nothing here is certain"


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [*CENSUS, *SAMPLE]
    assert overlaps(rows) == overlaps(reversed(rows)) == overlaps(rows)


def test_the_cities_of_a_census_are_not_drawn() -> None:
    nearly_even = [pattern("MC", "citizens", 38), pattern("MC", "funding", 37), pattern("MC", "staff", 36)]
    all_alike = [pattern("NMC", "citizens", 62)]
    # Of the sample citizens come first for certain; funding and staff share the second place.
    assert overlaps([*nearly_even, *all_alike]) == {"citizens": 1, "funding": 1, "staff": 0}


def test_a_need_that_nobody_states_is_the_last_of_its_list() -> None:
    alike = [pattern("MC", "funding+staff", 5), pattern("NMC", "funding+staff", 7)]
    assert overlaps(alike)["citizens"] == 1


def test_a_list_of_one_need_and_a_need_of_one_cohort_have_no_share() -> None:
    single = [pattern("MC", "funding", 5, "funding"), pattern("NMC", "funding", 5, "funding")]
    apart = [pattern("MC", "a", 5, "a+b"), pattern("NMC", "c", 5, "c+d")]
    assert overlaps([*single, *apart]) == {}


def test_a_missing_limit_is_named_with_its_remedy() -> None:
    table = pa.Table.from_pylist([*CENSUS, *SAMPLE])
    with pytest.raises(ValueError, match=r"there is no stability_resamples\. Add its row"):
        rank_stability(table, PAIRS, {"relative_rank_difference": 0.34})
