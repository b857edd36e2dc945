"""Adjusted p-values, against the example of Benjamini and Hochberg."""

import pytest

from orchestration.statistics.multiplicity import adjust_p_values

# Benjamini and Hochberg (1995), section 4.1: fifteen tests of thrombolysis.
THROMBOLYSIS = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
)  # fmt: skip


def test_four_hypotheses_of_benjamini_and_hochberg_are_rejected() -> None:
    found = adjust_p_values(THROMBOLYSIS, ["one"] * 15)
    assert [value is not None and value <= 0.05 for value in found] == [True] * 4 + [False] * 11
    assert found[3] == pytest.approx(0.0095 * 15 / 4)


def test_each_family_is_adjusted_alone_and_a_missing_test_counts_for_nothing() -> None:
    assert adjust_p_values([0.01, None, 0.04, 0.04], ["a", "a", "b", "a"]) == [
        pytest.approx(0.02), None, pytest.approx(0.04), pytest.approx(0.04),
    ]  # fmt: skip
