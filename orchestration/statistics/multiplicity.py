"""Many tests at once: p-values adjusted within a named family. Not here: the tests."""

from __future__ import annotations

from collections.abc import Sequence


def adjust_p_values(p_values: Sequence[float | None], families: Sequence[str]) -> list[float | None]:
    """Benjamini-Hochberg adjusted p-values, each within its family; None stays None and counts for nothing.

    Source: Benjamini and Hochberg (1995), JRSS B 57: 289-300.
    """
    from scipy.stats import false_discovery_control

    found: list[float | None] = [None] * len(p_values)
    members: dict[str, list[tuple[int, float]]] = {}
    for place, (p_value, family) in enumerate(zip(p_values, families, strict=True)):
        if p_value is not None:
            members.setdefault(family, []).append((place, p_value))
    for tests in members.values():
        controlled = false_discovery_control([p_value for _, p_value in tests], method="bh")
        for (place, _), value in zip(tests, controlled, strict=True):
            found[place] = float(value)
    return found
