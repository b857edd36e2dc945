"""Many tests at once: p-values adjusted within a named family. Not here: the tests."""

from __future__ import annotations

from collections.abc import Sequence


def adjust_p_values(p_values: Sequence[float | None], families: Sequence[str]) -> list[float | None]:
    """Benjamini-Hochberg adjusted p-values, each within its family; None stays None and counts for nothing.

    Source: Benjamini and Hochberg (1995), JRSS B 57: 289-300.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control

    tests = pd.DataFrame({"p": pd.Series(p_values, dtype=float), "family": families}).dropna(subset="p")
    adjusted = tests.groupby("family")["p"].transform(false_discovery_control)
    return [float(adjusted[place]) if place in adjusted.index else None for place in range(len(p_values))]
