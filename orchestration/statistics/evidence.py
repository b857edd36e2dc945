"""The tests of all comparisons of a warehouse, table in and table out: called by the Python models of dbt.

Here: which function judges which comparison, in percent and percentage points. Not here: the mathematics
(proportions.py, ordinal.py, paired.py, multiplicity.py), verdicts (dbt_project/models/gaps/gap_evidence.sql).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from orchestration.statistics.multiplicity import adjusted
from orchestration.statistics.ordinal import compare_levels
from orchestration.statistics.paired import Pairs, paired_interval, paired_p
from orchestration.statistics.proportions import Count, ShareMethod, difference_interval, exact_p

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.statistics.proportions import Interval

_DECIMALS = 4
_P_DECIMALS = 6
_NUMBERS = (
    "difference_pp",
    "difference_low_pp",
    "difference_high_pp",
    "superiority",
    "cliffs_delta",
    "cliffs_delta_low",
    "cliffs_delta_high",
    "p_value",
    "adjusted_p_value",
)
Found = dict[str, Any]


def share_intervals(counts: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Intervals in percent of the shares `n` of `base_n`, one row each."""
    import pyarrow as pa
    from statsmodels.stats.proportion import proportion_confint

    method = ShareMethod.CLOPPER_PEARSON if _limit(thresholds, "exact_share_intervals") else ShareMethod.WILSON
    n, base_n = (counts[name].to_numpy() for name in ("n", "base_n"))
    low, high = proportion_confint(n, base_n, alpha=1 - _limit(thresholds, "confidence_level"), method=method.value)
    percent = [(_percent(max(0.0, one)), _percent(min(1.0, other))) for one, other in zip(low, high, strict=True)]
    return pa.table(
        {
            "n": counts["n"],
            "base_n": counts["base_n"],
            "share_low_pct": pa.array([ends[0] for ends in percent], pa.float64()),
            "share_high_pct": pa.array([ends[1] for ends in percent], pa.float64()),
        }
    )


def evidence_tests(comparisons: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Difference, interval, effect size and p values of each comparison; no test where a base is too small.

    p values are adjusted within the family that the comparison names.
    """
    import pyarrow as pa

    rows = comparisons.to_pylist()
    found = [_compare(row, thresholds) for row in rows]
    adjusted_p = adjusted([one["p_value"] for one in found], [row["family"] for row in rows])
    table = [
        {"comparison_code": row["comparison_code"], **one, "adjusted_p_value": p}
        for row, one, p in zip(rows, found, adjusted_p, strict=True)
    ]
    for one in table:
        one.update({name: _rounded(one[name], _P_DECIMALS) for name in ("p_value", "adjusted_p_value")})
    schema = pa.schema(
        [("comparison_code", pa.string()), ("test_name", pa.string()), *((name, pa.float64()) for name in _NUMBERS)]
    )
    return pa.Table.from_pylist(table, schema)


def _compare(row: Mapping[str, Any], thresholds: Mapping[str, float]) -> Found:
    found: Found = dict.fromkeys((*_NUMBERS, "test_name"))
    if min(row["base_n"], row["comparison_base_n"]) < _limit(thresholds, "evidence_base_min"):
        return found
    confidence = _limit(thresholds, "confidence_level")
    if row["method"] == "ratings":
        return found | _ratings(tuple(row["level_counts"]), tuple(row["comparison_level_counts"]), confidence)
    if row["method"] == "pairs":
        return found | _pairs(Pairs(*row["level_counts"]), confidence)
    return found | _shares(row["n"], row["base_n"], row["comparison_n"], row["comparison_base_n"], confidence)


@cache
def _shares(n: int, base_n: int, comparison_n: int, comparison_base_n: int, confidence: float) -> Found:
    first, second = Count(n, base_n), Count(comparison_n, comparison_base_n)
    ends = difference_interval(first, second, confidence)
    return {**_difference(first.share - second.share, ends), "p_value": exact_p(first, second), "test_name": "Fisher"}


def _pairs(pairs: Pairs, confidence: float) -> Found:
    difference = (pairs.first_only - pairs.second_only) / pairs.base_n
    ends = paired_interval(pairs, confidence)
    return {**_difference(difference, ends), "p_value": paired_p(pairs), "test_name": "McNemar"}


@cache
def _ratings(first: tuple[int, ...], second: tuple[int, ...], confidence: float) -> Found:
    found = compare_levels(first, second, confidence)
    if found is None:
        return {}
    return {
        "superiority": _rounded(found.superiority),
        "cliffs_delta": _rounded(found.delta),
        "cliffs_delta_low": _rounded(found.interval.low) if found.interval else None,
        "cliffs_delta_high": _rounded(found.interval.high) if found.interval else None,
        "p_value": found.p,
        "test_name": found.method,
    }


def _difference(difference: float, ends: Interval | None) -> Found:
    return {
        "difference_pp": _percent(difference),
        "difference_low_pp": _percent(ends.low) if ends else None,
        "difference_high_pp": _percent(ends.high) if ends else None,
    }


def _limit(thresholds: Mapping[str, float], name: str) -> float:
    if name not in thresholds:
        raise ValueError(f"thresholds.csv: there is no {name}. Add its row; docs/methods/evidence.md says what it is.")
    return thresholds[name]


def _percent(share: float) -> float:
    return round(100 * float(share), _DECIMALS) + 0.0


def _rounded(value: float | None, decimals: int = _DECIMALS) -> float | None:
    return None if value is None else round(value, decimals) + 0.0
