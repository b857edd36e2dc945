"""Two groups on one scale, against the published worked example of Brunner and Munzel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import brunnermunzel, mannwhitneyu

from orchestration.statistics.ordinal import BRUNNER_MUNZEL, MANN_WHITNEY, compare_levels

counts = st.lists(st.integers(0, 12), min_size=5, max_size=5).filter(lambda found: sum(found) > 1)


def test_pain_scores_of_brunner_and_munzel_2000() -> None:
    # Brunner and Munzel (2000), Biometrical Journal 42: pain after surgery, new treatment against control; W = 3.1375
    # on 17.683 degrees of freedom, p = 0.0057862.
    treatment = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    control = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    first, second = ([scores.count(level) for level in range(1, 6)] for scores in (control, treatment))
    found = compare_levels(first, second, 0.95)
    assert found is not None
    assert (round(abs(found.statistic or 0), 4), round(found.p, 5)) == (3.1375, 0.00579)
    assert found.method == BRUNNER_MUNZEL
    assert found.superiority == pytest.approx(0.788961, abs=1e-6)


def test_groups_that_do_not_overlap_are_told_by_mann_and_whitney() -> None:
    found = compare_levels((5, 5, 0, 0), (0, 0, 4, 6), 0.95)
    assert found is not None
    assert (found.delta, found.interval, found.method) == (-1, None, MANN_WHITNEY)
    expected = mannwhitneyu([0] * 5 + [1] * 5, [2] * 4 + [3] * 6, method="asymptotic").pvalue
    assert found.p == pytest.approx(expected)


def test_one_level_for_all_is_no_difference() -> None:
    found = compare_levels((0, 7, 0), (0, 3, 0), 0.95)
    assert found is not None
    assert (found.superiority, found.delta, found.p) == (0.5, 0, 1)


def test_a_group_without_a_response_cannot_be_compared() -> None:
    assert compare_levels((0, 0), (1, 2), 0.95) is None


def test_groups_of_different_scales_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare_levels((1, 2), (1, 2, 3), 0.95)


@given(counts, counts)
def test_both_ways_mirror_and_agree_with_scipy(first: list[int], second: list[int]) -> None:
    there, back = compare_levels(first, second, 0.95), compare_levels(second, first, 0.95)
    assert there is not None
    assert back is not None
    assert there.delta == pytest.approx(-back.delta)
    assert there.p == pytest.approx(back.p)
    if there.interval is not None:
        assert there.interval.low <= there.delta <= there.interval.high
        own, others = ([level for level, n in enumerate(group) for _ in range(n)] for group in (first, second))
        assert there.p == pytest.approx(brunnermunzel(own, others).pvalue, abs=1e-9)
