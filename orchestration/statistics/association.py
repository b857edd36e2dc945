"""Whether the rows of a crosstab differ in more than chance lets them.

Not here: pairs of items answered by the same cities (paired.py), comparisons of groups (proportions.py, ordinal.py).
"""

from __future__ import annotations

from collections.abc import Sequence

# The same tables each time: a verdict must not depend on the run.
_SEED = 2024
_RESAMPLES = 9999


def association_p(cells: Sequence[tuple[str, str, float]]) -> float | None:
    """p value of Pearson's chi-squared test on (row, column, count), by tables drawn with the same margins.

    Counts of cities are too small for the asymptotic distribution. None where a single row or column is left.
    Source: Hope (1968), Journal of the Royal Statistical Society B 30: 582-598.
    """
    import numpy as np
    from scipy.stats import MonteCarloMethod, chi2_contingency

    rows, columns = (sorted({cell[place] for cell in cells}) for place in (0, 1))
    table = np.zeros((len(rows), len(columns)))
    for row, column, count in cells:
        table[rows.index(row), columns.index(column)] += count
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return None
    method = MonteCarloMethod(n_resamples=_RESAMPLES, rng=np.random.default_rng(_SEED))
    return float(chi2_contingency(table, correction=False, method=method).pvalue)
