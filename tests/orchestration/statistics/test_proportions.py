"""Shares and their differences, against published worked examples."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact

from orchestration.statistics.proportions import (
    Count,
    ShareMethod,
    difference_interval,
    fisher_p,
    share_interval,
)


@st.composite
def counts(draw: st.DrawFn) -> Count:
    base_n = draw(st.integers(1, 400))
    return Count(draw(st.integers(0, base_n)), base_n)


def test_wilson_interval_of_none_of_20_is_that_of_newcombe_1998() -> None:
    # Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3.
    interval = share_interval(Count(0, 20), 0.95)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (0, 0.1611)


def test_clopper_pearson_of_none_is_one_minus_a_root() -> None:
    interval = share_interval(Count(0, 20), 0.95, ShareMethod.CLOPPER_PEARSON)
    assert interval is not None
    assert interval.low == 0
    assert interval.high == pytest.approx(1 - 0.025 ** (1 / 20))


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [(Count(56, 70), Count(48, 80), 0.0524, 0.3339), (Count(9, 10), Count(3, 10), 0.1705, 0.8090)],
)
def test_difference_intervals_are_those_of_newcombe_1998(first: Count, second: Count, low: float, high: float) -> None:
    # Newcombe (1998), Statistics in Medicine 17: 873-890, table II, method 10.
    interval = difference_interval(first, second, 0.95)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_fisher_finds_what_scipy_finds() -> None:
    draw = random.Random(7)
    for _ in range(300):
        bases = draw.choice([(5, 5), (62, 62), (62, 362), (19, 112), (362, 374), (20_000, 62)])
        first, second = (Count(draw.randint(0, base_n), base_n) for base_n in bases)
        table = [[one.n, one.base_n - one.n] for one in (first, second)]
        assert fisher_p(first, second) == pytest.approx(float(fisher_exact(table).pvalue), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("base_n", [6_000, 600_000, 60_000_000])
def test_fisher_of_many_looks_at_the_tables_near_the_expected_one(base_n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = []
    monkeypatch.setattr(np, "log", lambda values, log=np.log: tables.append(len(values)) or log(values))
    first, second = Count(base_n // 2, base_n), Count(base_n // 2 - round(base_n**0.5), base_n)
    found = fisher_p(first, second)
    expected = chi2_contingency([[one.n, one.base_n - one.n] for one in (first, second)], correction=True).pvalue
    assert found == pytest.approx(float(expected), rel=1e-3)
    assert max(tables) < 40 * base_n**0.5 + 500
    assert fisher_p(Count(base_n, base_n), Count(0, base_n)) == 0


def test_fisher_finds_the_lady_tasting_tea() -> None:
    # Fisher (1935): three of four cups right, one-sided 17/70 = 0.2429; two-sided by symmetry twice that.
    both_sides = fisher_p(Count(3, 4), Count(1, 4))
    assert both_sides is not None
    assert round(both_sides / 2, 4) == 0.2429


def test_an_empty_base_has_no_interval_and_no_test() -> None:
    empty = Count(0, 0)
    assert share_interval(empty, 0.95) is None
    assert difference_interval(empty, Count(1, 2), 0.95) is None
    assert fisher_p(Count(1, 2), empty) is None


def test_more_than_the_base_is_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4 is no share"):
        Count(5, 4)


@given(counts())
def test_an_interval_holds_its_share(count: Count) -> None:
    for method in ShareMethod:
        interval = share_interval(count, 0.95, method)
        assert interval is not None
        assert 0 <= interval.low <= count.share + 1e-12
        assert count.share - 1e-12 <= interval.high <= 1


@given(counts(), counts())
def test_exchanged_groups_mirror_the_interval_and_keep_p(first: Count, second: Count) -> None:
    there, back = difference_interval(first, second, 0.95), difference_interval(second, first, 0.95)
    assert there is not None
    assert back is not None
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert fisher_p(first, second) == pytest.approx(fisher_p(second, first))
