"""What the intruder reads off a public table beside the counts: ends of intervals, ranks, verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from intruder import Attack, Knowledge, Limits, Row, attack

from orchestration.statistics.proportions import Count, share_interval

LIMITS = Limits(frequency=3, base=10, group=20)
BASE = 40
# Of 40 cities, how many rated each need highest; the first is hidden.
HIGHEST = {"funding": 2, "staff": 3, "data": 1}
GROUP = {"cohort_code": "C", "dimension_code": "all", "member_code": "all"}
LEVELS = {(item, choice): level for item in HIGHEST for choice, level in (("low", 1.0), ("high", 5.0))}


def make_cube(*, has_hidden: bool) -> list[dict[str, Any]]:
    rows = []
    for item, n in HIGHEST.items():
        for choice, own in (("high", n), ("low", BASE - n)):
            shown = None if has_hidden and item == "funding" else own
            counts = {"n": shown, "base_n": BASE, "members_n": BASE, "answered_n": BASE, "choice_kind": "level"}
            rows.append(GROUP | {"item_code": item, "choice_code": choice} | counts)
    return rows


def attack_with(tables: Mapping[str, Sequence[Row]], knowledge: Knowledge | None = None) -> Attack:
    known = knowledge or Knowledge(levels=LEVELS)
    truth = {"gap_cube": make_cube(has_hidden=False)} | {
        name: [row | {"interest_n": 2} for row in rows] for name, rows in tables.items() if "coverage" in name
    }
    return attack({"gap_cube": make_cube(has_hidden=True)} | dict(tables), truth, known, LIMITS)


def test_the_counts_alone_tell_nothing() -> None:
    found = attack_with({})
    assert found.hidden_n == 2
    assert found.findings == ()


@pytest.mark.parametrize("end", ["share_low_pct", "share_high_pct"])
def test_an_end_of_an_interval_tells_the_count(end: str) -> None:
    interval = share_interval(Count(2, BASE), 0.95)
    assert interval is not None
    ends = {"share_low_pct": round(100 * interval.low, 4), "share_high_pct": round(100 * interval.high, 4)}
    cell = GROUP | {"item_code": "funding", "choice_code": "high", "n": None, "base_n": BASE, "value": None}
    row = cell | {"share_pct": None, "share_low_pct": None, "share_high_pct": None} | {end: ends[end]}
    assert [found.low for found in attack_with({"gap_report_cell": [row]}).exact] == [2, 38]


def rank(item: str, place: int) -> dict[str, Any]:
    shown = None if item == "funding" else HIGHEST[item]
    measure = {"item_set": "needs", "ranking_measure": "level_5", "least_need_level": 5}
    counts = {"n": shown, "base_n": BASE, "answered_n": BASE, "ranked_value": None}
    return GROUP | {"item_code": item, "item_rank": place} | measure | counts


def test_a_rank_between_two_shown_counts_tells_the_one_between() -> None:
    ranking = [rank("staff", 1), rank("funding", 2), rank("data", 3)]
    assert [found.low for found in attack_with({"gap_ranking": ranking}).exact] == [2, 38]


def test_two_of_one_rank_have_one_count() -> None:
    ranking = [rank("staff", 1), rank("data", 2)]
    with pytest.raises(ValueError, match="what is not so"):
        attack_with({"gap_ranking": [row | {"item_rank": 1} for row in ranking]})


def make_coverage(verdict: str, sufficient_n: int) -> dict[str, Any]:
    need = {"need_code": "money", "service_code": "advice", "services_n": 1, "verdict": verdict}
    interest = {"is_interest_known": True, "interest_n": None, "interest_base_n": BASE, "interest_share_pct": None}
    return GROUP | need | interest | {"sufficient_services_n": sufficient_n, "base_n": None, "need_rank": None}


def test_a_verdict_of_low_interest_bounds_the_interest() -> None:
    knowledge = Knowledge(
        levels=LEVELS,
        multiples=frozenset({"wanted", "other"}),
        compounds={"service:advice": (("wanted", "advice"), ("other", "help"))},
        low_interest=7.5,
    )
    (found,) = attack_with({"gap_service_coverage": [make_coverage("low interest", 0)]}, knowledge).narrowed
    assert (found.count.item, found.low, found.high) == ("service:advice", 0, 2)
