"""Populations that reproduce the summary statistics of Table 2 to the printed digit.

Belongs here: integers with a given mean, median, standard deviation, minimum and maximum, so many to each
size class. Not here: which city gets which.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isqrt

from samples import noise

BOUNDS = {
    "large_metropolitan": (1_500_000, 20_000_000),
    "metropolitan": (500_000, 1_500_000),
    "medium": (200_000, 500_000),
    "small": (50_000, 200_000),
    "town": (0, 50_000),
}


@dataclass(frozen=True)
class Summary:
    """A row of Table 2; sd has n - 1 in the denominator."""

    n: int
    mean: float
    median: float
    sd: float
    minimum: int
    maximum: int

    def matches(self, values: list[int]) -> bool:
        """Whether the values have this summary when rounded as printed."""
        return (
            len(values) == self.n
            and round(statistics.mean(values), 1) == self.mean
            and round(statistics.median(values), 1) == self.median
            and round(statistics.stdev(values), 1) == self.sd
            and (min(values), max(values)) == (self.minimum, self.maximum)
        )


def size_of(population: int) -> str:
    """The size class of a population; lower bounds are inclusive."""
    return next(size for size, (low, _) in BOUNDS.items() if population >= low)


def populations(summary: Summary, classes: dict[str, int], large: tuple[int, ...] = ()) -> list[int]:
    """Ascending populations: so many a class, the large ones as given, and the maximum.

    Two metropolitan areas are free and close the gaps in sum and sum of squares. How the others lie in
    their class (bent to its lower or upper end) is tried in a fixed order until these two fall within
    theirs. Raises ValueError if no trial does.
    """
    for bend, bend_metropolitan in product(range(-20, 21), repeat=2):
        values = _draft(summary, classes, large, bend, bend_metropolitan)
        free = _close(summary, values)
        if free is None:
            continue
        values = sorted([*values, *free])
        if summary.matches(values) and _sizes(values) == classes:
            return values
    raise ValueError(f"no populations found for {summary}")


def _sizes(values: list[int]) -> dict[str, int]:
    sizes = [size_of(value) for value in values]
    return {size: sizes.count(size) for size in BOUNDS}


def _draft(
    summary: Summary, classes: dict[str, int], large: tuple[int, ...], bend: int, bend_metropolitan: int
) -> list[int]:
    """All values but two metropolitan areas; the middle pair of the whole gives the median."""
    values = [*large, summary.maximum]
    values += _spread("metropolitan", classes["metropolitan"] - 2, bend_metropolitan, summary)
    for size in ("medium", "small", "town"):
        values += _spread(size, classes[size], bend, summary)
    values = sorted(values)
    values[0] = summary.minimum
    _set_median(values, summary)
    return values


def _spread(size: str, n: int, bend: int, summary: Summary) -> list[int]:
    """Values over a class, a little uneven; bend -20 crowds them at its lower end, 20 at its upper."""
    low, high = BOUNDS[size]
    low = max(low, summary.minimum)
    values = []
    for k in range(n):
        even = Fraction(2 * k + 1, 2 * n) + Fraction(noise.between(-30, 30, "population", summary.n, size, k), 100 * n)
        bent = even**3 if bend < 0 else 1 - (1 - even) ** 3
        place = even + (bent - even) * Fraction(abs(bend), 20)
        values.append(low + int((high - low) * place))
    return values


def _set_median(values: list[int], summary: Summary) -> None:
    """Move the middle pair to the median; the two values still to come are above it."""
    middle = summary.n // 2
    doubled = int(2 * Fraction(str(summary.median)))
    room = min(doubled // 2 - values[middle - 2], values[middle + 1] - doubled // 2)
    values[middle - 1] = doubled // 2 - room // 3
    values[middle] = doubled - values[middle - 1]


def _close(summary: Summary, values: list[int]) -> tuple[int, int] | None:
    """Two integers that bring sum and sum of squares to the summary, or None if they leave their class."""
    total = round(Fraction(str(summary.mean)) * summary.n)
    squares = Fraction(str(summary.sd)) ** 2 * (summary.n - 1) + Fraction(total**2, summary.n)
    rest = total - sum(values)
    rest_squares = squares - sum(value * value for value in values)
    root = 2 * rest_squares - rest * rest
    if root < 0:
        return None
    upper = (rest + isqrt(int(root))) // 2
    low, high = BOUNDS["metropolitan"]
    lower = rest - upper
    return (lower, upper) if low <= lower and upper < high else None
