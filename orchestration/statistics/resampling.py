"""How firm an order of needs is: the cities of a cohort drawn again, and the needs ranked anew.

Here: resamples of counts, and the share of them in which two cohorts give a need about the same rank. Not here: which
verdict follows (dbt_project/models/gaps/gap_need_by_cohort.sql). Source: Efron (1979), Annals of Statistics 7: 1-26.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zlib import crc32

from orchestration.statistics.evidence import get_threshold

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Array = np.ndarray[Any, Any]

SEPARATOR = "+"
_DECIMALS = 4


def rank_stability(patterns: pa.Table, pairs: pa.Table, thresholds: Mapping[str, float]) -> pa.Table:
    """Share of resamples in which the relative ranks of a need differ by no more than the limit, by pair of cohorts.

    `patterns` has a row a wave × cohort × list × set of needs that cities state: `asked_codes` and `stated_codes` are
    joined by +, `n` counts the cities; the cities of a census are not drawn. A list of one need has no ranks.
    """
    import pyarrow as pa

    compared = {cohort for pair in pairs.to_pylist() for cohort in pair.values()}
    ranks = _rank_cohorts([row for row in patterns.to_pylist() if row["cohort_code"] in compared], thresholds)
    found = [
        {
            "wave": wave,
            "cohort_code": pair["cohort_code"],
            "comparison_cohort_code": pair["comparison_cohort_code"],
            "need_code": need,
            "overlap_share": _find_overlap_share(own, ranks[wave, pair["comparison_cohort_code"], need], thresholds),
        }
        for pair in pairs.to_pylist()
        for (wave, cohort, need), own in ranks.items()
        if cohort == pair["cohort_code"] and (wave, pair["comparison_cohort_code"], need) in ranks
    ]
    names = ("wave", "cohort_code", "comparison_cohort_code", "need_code")
    schema = pa.schema([*((name, pa.string()) for name in names), ("overlap_share", pa.float64())])
    return pa.Table.from_pylist(found, schema)


def draw_counts(chosen: Array, cities_n: Array, resamples_n: int, name: str) -> Array:
    """Counts of resamples, one a row: `cities_n` cities have the pattern that a row of `chosen` (0 or 1) shows.

    To draw cities with replacement is to draw how many of each pattern there are. The same name draws the same.
    """
    import numpy as np

    generator = np.random.default_rng(crc32(name.encode()))
    all_n = cities_n.sum()
    return generator.multinomial(all_n, cities_n / all_n, size=resamples_n) @ chosen


def rank_relatively(counts: Array) -> Array:
    """Relative ranks in each row of counts, 0 the largest and 1 the last; equal counts share the better rank."""
    ranks: Array = (counts[:, None, :] > counts[:, :, None]).sum(axis=2) / (counts.shape[1] - 1)
    return ranks


def _find_overlap_share(own: Array, other: Array, thresholds: Mapping[str, float]) -> float:
    limit = get_threshold(thresholds, "relative_rank_difference")
    return float((abs((own - other).round(_DECIMALS)) <= limit).mean())


def _rank_cohorts(
    patterns: Iterable[Mapping[str, Any]], thresholds: Mapping[str, float]
) -> dict[tuple[str, str, str], Array]:
    """Relative ranks by wave, cohort and need: one a resample, or the one of a census."""
    import numpy as np

    def name_list(row: Mapping[str, Any]) -> tuple[str, str, str]:
        return row["wave"], row["cohort_code"], row["asked_codes"]

    # Sorted, so that the draw does not hang on the order of the rows.
    rows = sorted(patterns, key=lambda row: (*name_list(row), row["stated_codes"]))
    ranks: dict[tuple[str, str, str], Array] = {}
    for (wave, cohort, asked), members in groupby(rows, name_list):
        found, needs = list(members), asked.split(SEPARATOR)
        if len(needs) == 1:
            continue
        stated = [set(row["stated_codes"].split(SEPARATOR)) for row in found]
        chosen = np.array([[need in own for need in needs] for own in stated], dtype=int)
        cities_n = np.array([row["n"] for row in found])
        if found[0]["is_census"]:
            counts = (cities_n @ chosen)[None, :]
        else:
            resamples_n = int(get_threshold(thresholds, "stability_resamples"))
            counts = draw_counts(chosen, cities_n, resamples_n, f"{wave} {cohort} {asked}")
        ranks |= zip(((wave, cohort, need) for need in needs), rank_relatively(counts).T, strict=True)
    return ranks
