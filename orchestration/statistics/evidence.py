"""The tests of all comparisons of a warehouse, table in and table out: called by the Python models of dbt.

Here: which function judges which comparison, in percent and percentage points. Not here: the mathematics
(proportions.py, ordinal.py, paired.py, multiplicity.py), verdicts (dbt_project/models/gaps/gap_evidence.sql).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from orchestration.statistics.multiplicity import adjust_p_values
from orchestration.statistics.ordinal import compare_levels
from orchestration.statistics.paired import Pairs, count_alternatives, mcnemar_p, paired_interval
from orchestration.statistics.proportions import Count, Interval, ShareMethod, difference_interval, fisher_p

if TYPE_CHECKING:
    import pyarrow as pa

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
Comparison = dict[str, Any]


def get_threshold(thresholds: Mapping[str, float], name: str) -> float:
    """The limit of that name. Raises ValueError where its row is missing."""
    if name not in thresholds:
        raise ValueError(f"thresholds.csv: there is no {name}. Add its row; docs/methods/ says what it is.")
    return thresholds[name]


def share_intervals(counts: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Intervals in percent of the shares `n` of `base_n`, one row each."""
    import pyarrow as pa
    from statsmodels.stats.proportion import proportion_confint

    method = ShareMethod.CLOPPER_PEARSON if get_threshold(thresholds, "exact_share_intervals") else ShareMethod.WILSON
    n, base_n = (counts[name].to_numpy() for name in ("n", "base_n"))
    low, high = proportion_confint(
        n, base_n, alpha=1 - get_threshold(thresholds, "confidence_level"), method=method.value
    )
    return pa.table(
        {
            "n": counts["n"],
            "base_n": counts["base_n"],
            "share_low_pct": pa.array([_to_percent(max(0.0, end)) for end in low], pa.float64()),
            "share_high_pct": pa.array([_to_percent(min(1.0, end)) for end in high], pa.float64()),
        }
    )


def evidence_tests(comparisons: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Difference, interval, effect size and p values of each comparison; no test where a base is too small.

    p values are adjusted within the family that the comparison names, of one wave: a later one changes none before it.
    """
    import pyarrow as pa

    rows = comparisons.to_pylist()
    found = [_compare(row, thresholds) for row in rows]
    families = [f"{row['wave']} {row['family']}" for row in rows]
    adjusted_p = adjust_p_values([one["p_value"] for one in found], families)
    table = []
    for row, one, p in zip(rows, found, adjusted_p, strict=True):
        p_values = {"p_value": _round(one["p_value"], _P_DECIMALS), "adjusted_p_value": _round(p, _P_DECIMALS)}
        table.append({"comparison_code": row["comparison_code"], **one, **p_values})
    schema = pa.schema(
        [("comparison_code", pa.string()), ("test_name", pa.string()), *((name, pa.float64()) for name in _NUMBERS)]
    )
    return pa.Table.from_pylist(table, schema)


def verdict_alternatives(comparisons: pa.Table, thresholds: Mapping[str, float]) -> pa.Array:
    """Of each comparison of pairs: tables with its margins and a p on the same side of `evidence_p`; null of others."""
    import pyarrow as pa

    limit = get_threshold(thresholds, "evidence_p")
    found = [
        count_alternatives(Pairs(*row["level_counts"]), limit) if row["method"] == "pairs" else None
        for row in comparisons.to_pylist()
    ]
    return pa.array(found, pa.int64())


def _compare(row: Mapping[str, Any], thresholds: Mapping[str, float]) -> Comparison:
    found: Comparison = dict.fromkeys((*_NUMBERS, "test_name"))
    if min(row["base_n"], row["comparison_base_n"]) < get_threshold(thresholds, "evidence_base_min"):
        return found
    confidence = get_threshold(thresholds, "confidence_level")
    if row["method"] == "ratings":
        return found | _compare_ratings(tuple(row["level_counts"]), tuple(row["comparison_level_counts"]), confidence)
    if row["method"] == "pairs":
        return found | _compare_pairs(Pairs(*row["level_counts"]), confidence)
    return found | _compare_shares(row["n"], row["base_n"], row["comparison_n"], row["comparison_base_n"], confidence)


@cache
def _compare_shares(n: int, base_n: int, comparison_n: int, comparison_base_n: int, confidence: float) -> Comparison:
    first, second = Count(n, base_n), Count(comparison_n, comparison_base_n)
    ends = difference_interval(first, second, confidence)
    return {
        **_describe_difference(first.share - second.share, ends),
        "p_value": fisher_p(first, second),
        "test_name": "Fisher",
    }


def _compare_pairs(pairs: Pairs, confidence: float) -> Comparison:
    difference = (pairs.first_only - pairs.second_only) / pairs.base_n
    ends = paired_interval(pairs, confidence)
    return {**_describe_difference(difference, ends), "p_value": mcnemar_p(pairs), "test_name": "McNemar"}


@cache
def _compare_ratings(first: tuple[int, ...], second: tuple[int, ...], confidence: float) -> Comparison:
    found = compare_levels(first, second, confidence)
    if found is None:
        return {}
    return {
        "superiority": _round(found.superiority),
        "cliffs_delta": _round(found.delta),
        "cliffs_delta_low": _round(found.interval.low) if found.interval else None,
        "cliffs_delta_high": _round(found.interval.high) if found.interval else None,
        "p_value": found.p,
        "test_name": found.method,
    }


def _describe_difference(difference: float, ends: Interval | None) -> Comparison:
    return {
        "difference_pp": _to_percent(difference),
        "difference_low_pp": _to_percent(ends.low) if ends else None,
        "difference_high_pp": _to_percent(ends.high) if ends else None,
    }


def _to_percent(share: float) -> float:
    return round(100 * float(share), _DECIMALS) + 0.0


def _round(value: float | None, decimals: int = _DECIMALS) -> float | None:
    return None if value is None else round(value, decimals) + 0.0
