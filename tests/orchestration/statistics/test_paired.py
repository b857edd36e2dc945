"""The same cities asked twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.statistics.paired import Pairs, count_alternatives, mcnemar_p, paired_interval

pairs_of_cities = st.builds(Pairs, *[st.integers(0, 60)] * 4).filter(lambda pairs: pairs.base_n > 0)


def test_mcnemar_is_the_binomial_test_of_those_that_changed() -> None:
    # One of nine changed the other way: 2 * (1 + 9) / 2 ** 9.
    assert mcnemar_p(Pairs(5, 8, 1, 5)) == pytest.approx(20 / 512)
    assert mcnemar_p(Pairs(5, 0, 0, 14)) == 1


def test_without_a_pair_there_is_nothing_to_say() -> None:
    assert mcnemar_p(Pairs(0, 0, 0, 0)) is None
    assert paired_interval(Pairs(0, 0, 0, 0), 0.95) is None


@given(pairs_of_cities)
def test_the_interval_holds_the_difference_and_mirrors(pairs: Pairs) -> None:
    difference = (pairs.first_only - pairs.second_only) / pairs.base_n
    there = paired_interval(pairs, 0.95)
    back = paired_interval(Pairs(pairs.both, pairs.second_only, pairs.first_only, pairs.neither), 0.95)
    assert there is not None
    assert back is not None
    assert -1 <= there.low <= difference + 1e-12
    assert difference - 1e-12 <= there.high <= 1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize(
    ("pairs", "alternatives"),
    [
        # Six more lost than gained the need: clear if nobody gained it (p = 0.031), else not (7 against 1: 0.070).
        (Pairs(10, 0, 6, 20), 1),
        (Pairs(9, 1, 7, 19), 10),
        # One more: clear in no table; eleven more: as long as at most seven moved the other way (18 against 7: 0.043).
        (Pairs(10, 1, 2, 20), 12),
        (Pairs(20, 11, 0, 17), 8),
        # The margins leave one table.
        (Pairs(0, 3, 5, 0), 4),
        (Pairs(5, 0, 3, 0), 1),
    ],
)
def test_a_verdict_leaves_open_the_tables_with_its_margins(pairs: Pairs, alternatives: int) -> None:
    assert count_alternatives(pairs, 0.05) == alternatives
