"""The benchmarks run, at their smallest size, within generous ratios; at full size they are make targets."""

from benchmark import measure
from deployments import MINI_SEEDS


def test_a_refresh_stays_within_some_floors_and_an_unchanged_one_within_some_imports() -> None:
    assert measure(MINI_SEEDS) == 0
