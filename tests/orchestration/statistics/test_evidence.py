"""Tables of evidence: each comparison judged by its method, p values adjusted within its family."""

import pyarrow as pa
import pytest

from orchestration.statistics.evidence import evidence_tests, share_intervals

THRESHOLDS = {"confidence_level": 0.95, "evidence_base_min": 10, "exact_share_intervals": 0}
COUNTS = pa.table({"n": [0, 20], "base_n": [20, 20]})


def comparison(code: str, method: str, **counts: object) -> dict[str, object]:
    bases = {"n": 56, "base_n": 70, "comparison_n": 48, "comparison_base_n": 80}
    levels = {"level_counts": None, "comparison_level_counts": None}
    return {"comparison_code": code, "method": method, "wave": "2030", "family": "one", **bases, **levels, **counts}


def judge(*comparisons: dict[str, object]) -> list[dict[str, object]]:
    return evidence_tests(pa.Table.from_pylist(list(comparisons)), THRESHOLDS).to_pylist()


def test_intervals_of_shares_are_wilsons_in_percent() -> None:
    # Newcombe (1998), Statistics in Medicine 17: 857-872: none of 20 gives 0 to 0.1611.
    assert share_intervals(COUNTS, THRESHOLDS).to_pylist() == [
        {"n": 0, "base_n": 20, "share_low_pct": 0, "share_high_pct": 16.1125},
        {"n": 20, "base_n": 20, "share_low_pct": 83.8875, "share_high_pct": 100},
    ]


def test_exact_intervals_are_chosen_by_a_threshold() -> None:
    (none, _) = share_intervals(COUNTS, {**THRESHOLDS, "exact_share_intervals": 1}).to_pylist()
    assert none["share_high_pct"] == pytest.approx(100 * (1 - 0.025 ** (1 / 20)), abs=1e-4)


def test_shares_are_compared_by_newcombe_and_fisher() -> None:
    (found,) = judge(comparison("a", "shares"))
    # Newcombe (1998), Statistics in Medicine 17: 873-890, method 10: 0.2 with 0.0524 to 0.3339.
    ends = [found[name] for name in ("difference_pp", "difference_low_pp", "difference_high_pp")]
    assert ends == [pytest.approx(end, abs=0.005) for end in (20, 5.24, 33.39)]
    assert (found["test_name"], found["cliffs_delta"]) == ("Fisher", None)


def test_ratings_are_compared_by_their_levels() -> None:
    levels = {"level_counts": [2, 3, 9], "comparison_level_counts": [9, 3, 2]}
    (found,) = judge(comparison("a", "ratings", base_n=14, comparison_base_n=14, **levels))
    assert (found["test_name"], found["difference_pp"]) == ("Brunner-Munzel", None)
    # Of 14 × 14 pairs, the first stands higher in 9 × 12 + 3 × 9 and lower in 2 × 5 + 3 × 2.
    assert found["cliffs_delta"] == pytest.approx((135 - 16) / 196, abs=1e-4)


def test_the_same_cities_are_compared_as_pairs() -> None:
    (found,) = judge(comparison("a", "pairs", n=13, base_n=19, comparison_base_n=19, level_counts=[5, 8, 1, 5]))
    assert (found["test_name"], found["p_value"]) == ("McNemar", pytest.approx(20 / 512, abs=1e-6))
    assert found["difference_pp"] == pytest.approx(100 * 7 / 19, abs=1e-4)


def test_a_small_base_is_not_tested_and_does_not_weigh_in_its_family() -> None:
    few, one = judge(comparison("few", "shares", n=4, base_n=9), comparison("one", "shares"))
    assert (few["p_value"], few["adjusted_p_value"], few["difference_pp"]) == (None, None, None)
    assert one["adjusted_p_value"] == one["p_value"]


def test_families_are_adjusted_apart() -> None:
    first, second, third = judge(
        comparison("a", "shares"), comparison("b", "shares", n=70), comparison("c", "shares", family="two")
    )
    assert first["adjusted_p_value"] == first["p_value"] == third["adjusted_p_value"]
    assert second["adjusted_p_value"] == pytest.approx(2 * second["p_value"], abs=1e-6)


def test_a_family_of_another_wave_changes_nothing() -> None:
    (alone,) = judge(comparison("a", "shares"))
    first, _ = judge(comparison("a", "shares"), comparison("b", "shares", wave="2031", n=60))
    assert first == alone


def test_a_missing_threshold_is_told_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"thresholds\.csv: there is no exact_share_intervals\. Add its row"):
        share_intervals(COUNTS, {"confidence_level": 0.95})
