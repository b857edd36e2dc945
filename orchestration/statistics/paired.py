"""The same cities asked twice: a 2 × 2 table of pairs. Not here: independent groups (proportions.py)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import sqrt

from orchestration.statistics.proportions import Count, Interval, difference_interval


@dataclass(frozen=True)
class Pairs:
    """Numbers of pairs that said yes in both, the first only, the second only, and neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    def __post_init__(self) -> None:
        if min(self.both, self.first_only, self.second_only, self.neither) < 0:
            raise ValueError(f"{self} has a negative number: count pairs")

    @property
    def base_n(self) -> int:
        """Number of pairs."""
        return self.both + self.first_only + self.second_only + self.neither


def mcnemar_p(pairs: Pairs) -> float | None:
    """Two-sided p of McNemar's exact test that as many changed one way as the other; None without a pair.

    Source: McNemar (1947), Psychometrika 12: 153-157; exact by the binomial distribution.
    """
    from scipy.stats import binomtest

    changed = pairs.first_only + pairs.second_only
    if pairs.base_n == 0:
        return None
    return float(binomtest(pairs.first_only, changed).pvalue) if changed else 1.0


def count_alternatives(pairs: Pairs, limit: float) -> int:
    """How many tables with the margins of these pairs have a p on the same side of a limit as theirs, theirs included.

    It is what a verdict leaves open to somebody who knows the margins: who moved one way and the other.
    """
    least, most = min(pairs.first_only, pairs.second_only), min(pairs.both, pairs.neither)

    def is_open(number: int) -> bool:
        more = number - least
        moved = Pairs(pairs.both - more, pairs.first_only + more, pairs.second_only + more, pairs.neither - more)
        p = mcnemar_p(moved)
        return p is None or p > limit

    # The same difference out of more changes is ever less clear: a half search finds where it ends to be.
    clear_n = bisect_left(range(least + most + 1), True, key=is_open)
    return clear_n if least < clear_n else least + most + 1 - clear_n


def paired_interval(pairs: Pairs, confidence: float) -> Interval | None:
    """Interval of first share minus second share over the same cities; None without a pair."""
    first = Count(pairs.both + pairs.first_only, pairs.base_n)
    second = Count(pairs.both + pairs.second_only, pairs.base_n)
    return difference_interval(first, second, confidence, _get_phi(pairs))


def _get_phi(pairs: Pairs) -> float:
    """Newcombe's phi with his correction for continuity where it is positive; 0 where a margin is empty."""
    margins = (
        (pairs.both + pairs.first_only)
        * (pairs.second_only + pairs.neither)
        * (pairs.both + pairs.second_only)
        * (pairs.first_only + pairs.neither)
    )
    if margins == 0:
        return 0.0
    product = pairs.both * pairs.neither - pairs.first_only * pairs.second_only
    corrected = max(product - pairs.base_n / 2, 0) if product > 0 else product
    return corrected / sqrt(margins)
