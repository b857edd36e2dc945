"""Two groups on one ordered scale: which of them tends to stand higher, from its counts a level. Not here: shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.statistics.proportions import Interval


@dataclass(frozen=True)
class OrdinalComparison:
    """How two groups stand to each other.

    `superiority` is the probability that a response of the first stands higher than one of the second, ties counting
    half; `delta` is Cliff's, from -1 to 1, with its interval; `p` is two-sided and `method` the test that it is of.
    """

    superiority: float
    delta: float
    interval: Interval | None
    p: float
    statistic: float | None
    method: str


BRUNNER_MUNZEL, MANN_WHITNEY = "Brunner-Munzel", "Mann-Whitney"


def compare_levels(first: Sequence[int], second: Sequence[int], confidence: float) -> OrdinalComparison | None:
    """Compare two groups by their counts in each level, lowest first; None where a group has no response.

    Source: Brunner and Munzel (2000), Biometrical Journal 42: 17-25; Cliff (1993), Psychological Bulletin 114: 494-509.
    Where their variance is 0 (the groups do not overlap, or all stand on one level) or a group has one response, there
    is no interval, and p is that of Mann and Whitney (1947) with ties. Raises ValueError for different scales.
    """
    from statsmodels.stats.nonparametric import rank_compare_2ordinal

    superiority = _superiority(first, second)
    if superiority is None:
        return None
    delta = 2 * superiority - 1
    if min(sum(first), sum(second)) < 2 or not _has_variance(first, second):
        return OrdinalComparison(superiority, delta, None, _mann_whitney_p(first, second), None, MANN_WHITNEY)
    result = rank_compare_2ordinal(list(first), list(second))
    low, high = (float(end) for end in result.conf_int(alpha=1 - confidence))
    test = result.test_prob_superior()
    interval = Interval(max(2 * low - 1, -1.0), min(2 * high - 1, 1.0))
    return OrdinalComparison(superiority, delta, interval, float(test.pvalue), float(test.statistic), BRUNNER_MUNZEL)


def _superiority(first: Sequence[int], second: Sequence[int]) -> float | None:
    pairs = sum(first) * sum(second)
    below, twice_won = 0, 0
    for own, other in zip(first, second, strict=True):
        twice_won += own * (2 * below + other)
        below += other
    return twice_won / (2 * pairs) if pairs else None


def _has_variance(first: Sequence[int], second: Sequence[int]) -> bool:
    own = [level for level, n in enumerate(first) if n]
    others = [level for level, n in enumerate(second) if n]
    is_apart = own[-1] < others[0] or others[-1] < own[0]
    return not is_apart and len({*own, *others}) > 1


def _mann_whitney_p(first: Sequence[int], second: Sequence[int]) -> float:
    from scipy.stats import mannwhitneyu

    own, others = ([level for level, n in enumerate(counts) for _ in range(n)] for counts in (first, second))
    if len({*own, *others}) == 1:
        return 1.0
    return float(mannwhitneyu(own, others, method="asymptotic").pvalue)
