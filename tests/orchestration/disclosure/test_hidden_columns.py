"""A published table shows no value that is made of a hidden cell, and says so."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps
from orchestration.disclosure.protect import SuppressionPattern
from orchestration.disclosure.rules import Cell, Key, Nested, Reason
from orchestration.disclosure.tables import Disclosure, Guard
from orchestration.settings import DisclosureLimits

LEVELS = {"plan": {"no": 1.0, "soon": 4.0, "yes": 5.0}}
OWN = {"cohort": "cohort", "item": "item", "choice": "choice"}


def guard(hidden: dict[Key, Reason], groups: Collection[tuple[str, str, str]] = ()) -> Guard:
    cells = [Cell(Key("A", "plan", choice, "all", "all"), 9, 40, 40, False, True) for choice in LEVELS["plan"]]
    compounds = {"need:help": (("plan", "soon"), ("plan", "yes"))}
    asked = frozenset({("A", "plan"), ("B", "plan")})
    cube = ConfidentialCube(tuple(cells), Overlaps(), LEVELS, compounds, asked, frozenset())
    pattern = SuppressionPattern(hidden, frozenset(groups), frozenset())
    return Guard(cube, pattern, DisclosureLimits(), is_provisional=True)


def apply(rows: list[dict[str, Any]], disclosure: dict[str, Any], judge: Guard) -> list[dict[str, Any]]:
    return judge.apply(pa.Table.from_pylist(rows), Disclosure.model_validate(disclosure))[1].to_pylist()


def reasons(rows: list[dict[str, Any]], disclosure: dict[str, Any], judge: Guard) -> list[str | None]:
    inside = judge.apply(pa.Table.from_pylist(rows), Disclosure.model_validate(disclosure))[0].to_pylist()
    return [row["hidden_reason"] for row in inside]


def plan(choice: str, cohort: str = "A") -> Key:
    return Key(cohort, "plan", choice, "all", "all")


def test_a_hidden_cell_is_null_with_its_status_and_without_its_reason() -> None:
    rows = [{"cohort": "A", "item": "plan", "choice": choice, "n": 2, "base_n": 40} for choice in ("no", "yes")]
    disclosure = {"measures": [{"cells": OWN, "values": ["n"], "bases": ["base_n"]}]}
    first, second = apply(rows, disclosure, guard({plan("no"): Reason.SMALL_COUNT}))
    status = ("obs_status", "conf_status")
    assert [first[name] for name in ("n", "base_n", *status)] == [None, 40, "Q", "C"]
    assert [second[name] for name in ("n", "base_n", *status)] == [2, 40, "P", "F"]


@pytest.mark.parametrize("reason", Reason)
def test_everybody_sees_the_same_mark_whichever_rule_hid_a_cell(reason: Reason) -> None:
    rows = [{"cohort": "A", "item": "plan", "choice": "no", "n": 2, "base_n": 40}]
    disclosure = {"measures": [{"cells": OWN, "values": ["n"], "bases": ["base_n"]}]}
    seen = apply(rows, disclosure, guard({plan("no"): reason}))
    assert seen == apply(rows, disclosure, guard({plan("no"): Reason.SMALL_COUNT}))


def test_inside_every_value_stays_and_the_status_is_the_same() -> None:
    rows = pa.Table.from_pylist([{"cohort": "A", "item": "plan", "choice": "no", "n": 2}])
    disclosure = Disclosure.model_validate({"measures": [{"cells": OWN, "values": ["n"]}]})
    inside, _ = guard({plan("no"): Reason.COMPLEMENT}).apply(rows, disclosure)
    assert inside.to_pylist()[0] == {
        "cohort": "A", "item": "plan", "choice": "no", "n": 2,
        "obs_status": "P", "conf_status": "D", "hidden_reason": "complement",
    }  # fmt: skip


def test_a_share_of_a_small_base_is_of_low_reliability() -> None:
    rows = [{"cohort": "A", "item": "plan", "choice": "no", "n": 9, "base_n": 29}]
    disclosure = {"measures": [{"cells": OWN, "values": ["n"], "bases": ["base_n"]}]}
    assert apply(rows, disclosure, guard({}))[0]["obs_status"] == "U"


def test_a_difference_is_hidden_with_either_side() -> None:
    rows = [{"cohort": "A", "other": "B", "item": "plan", "choice": "no", "n": 2, "other_n": 7, "gap": 5}]
    disclosure = {
        "measures": [
            {"cells": OWN, "values": ["n"]},
            {"cells": {**OWN, "cohort": "other"}, "values": ["other_n"]},
        ],
        "derived": ["gap"],
    }
    (row,) = apply(rows, disclosure, guard({plan("no", "B"): Reason.SMALL_BASE}))
    assert (row["n"], row["other_n"], row["gap"]) == (2, None, None)


def test_a_need_is_hidden_with_any_answer_that_it_counts() -> None:
    rows = [{"cohort": "A", "need": "help", "n": 12}]
    disclosure = {"measures": [{"cells": {"cohort": "cohort", "need": "need"}, "values": ["n"]}]}
    assert reasons(rows, disclosure, guard({plan("yes"): Reason.SMALL_COUNT}))[0] == "derived"
    assert apply(rows, disclosure, guard({plan("no"): Reason.SMALL_COUNT}))[0]["n"] == 12


def test_a_ranking_by_levels_is_hidden_with_one_of_these_levels() -> None:
    rows = [{"cohort": "A", "item": "plan", "least": least, "n": 9} for least in (5, 4, 1)]
    cells = {"cohort": "cohort", "item": "item", "least_level": "least"}
    found = apply(rows, {"measures": [{"cells": cells, "values": ["n"]}]}, guard({plan("soon"): Reason.SMALL_COUNT}))
    assert [row["n"] for row in found] == [9, None, None]


def test_ranks_of_a_list_are_hidden_with_one_value_of_it() -> None:
    rows = [
        {"cohort": cohort, "item": "plan", "choice": choice, "n": 9, "place": 1}
        for cohort, choice in (("A", "no"), ("A", "yes"), ("B", "no"))
    ]
    disclosure = {
        "measures": [{"cells": OWN, "values": ["n"]}],
        "ranks": [{"columns": ["place"], "by": ["n"], "within": ["cohort"]}],
    }
    found = apply(rows, disclosure, guard({plan("no"): Reason.SMALL_COUNT}))
    assert [(row["n"], row["place"]) for row in found] == [(None, None), (9, None), (9, 1)]


def test_only_rows_that_are_compared_hide_the_ranks_of_their_list() -> None:
    rows = [
        {"cohort": cohort, "item": "plan", "choice": "no", "n": 9, "place": 1, "compared": compared}
        for cohort, compared in (("A", False), ("B", True), ("C", None))
    ]
    disclosure = {
        "measures": [{"cells": OWN, "values": ["n"]}],
        "ranks": [{"columns": ["place"], "by": ["n"], "within": ["cohort"], "where": "compared"}],
    }
    hidden = {plan("no", cohort): Reason.SMALL_COUNT for cohort in "ABC"}
    assert [(row["n"], row["place"]) for row in apply(rows, disclosure, guard(hidden))] == [
        (None, 1),
        (None, None),
        (None, 1),
    ]


def test_a_group_of_hidden_size_shows_no_base() -> None:
    rows = [{"cohort": "A", "item": "plan", "choice": "no", "d": "region", "m": "north", "n": 9, "base_n": 12}]
    cells = {**OWN, "dimension": "d", "member": "m"}
    disclosure = {"measures": [{"cells": cells, "values": ["n"], "bases": ["base_n"]}]}
    (row,) = apply(rows, disclosure, guard({}, {("A", "region", "north")}))
    assert (row["n"], row["base_n"]) == (None, None)


@pytest.mark.parametrize(("measure", "n", "reason"), [("min", 40, "small_count"), ("mean", 9, "small_base")])
def test_a_statistic_of_one_city_or_of_few_is_hidden(measure: str, n: int, reason: str) -> None:
    rows = [{"cohort": "A", "item": "size", "choice": None, "measure": measure, "value": 3.5, "base_n": n}]
    cells = {**OWN, "statistic": "measure"}
    disclosure = {"measures": [{"cells": cells, "values": ["value"], "bases": ["base_n"]}]}
    assert apply(rows, disclosure, guard({}))[0]["value"] is None
    assert reasons(rows, disclosure, guard({})) == [reason]


def test_a_word_that_is_none_of_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValidationError, match="valus"):
        Disclosure.model_validate({"measures": [{"cells": OWN, "valus": ["n"]}]})


SPLIT = {
    "splits": [
        {
            "counts": {"with_n": "with_base", "without_n": "without_base"},
            "columns": ["without_pct"],
            "cohort": "cohort",
            "dimension": "dimension",
        }
    ]
}


def split_row(with_n: int, with_base: int, without_n: int, without_base: int, **other: Any) -> dict[str, Any]:
    counts = {"with_n": with_n, "with_base": with_base, "without_n": without_n, "without_base": without_base}
    return {"cohort": "A", "dimension": "all", **counts, "without_pct": 50.0, **other}


def shows_split(row: dict[str, Any], judge: Guard) -> bool:
    (shown,) = apply([row], SPLIT, judge)
    hidden = [
        name for name in ("with_n", "with_base", "without_n", "without_base", "without_pct") if shown[name] is None
    ]
    assert len(hidden) in (0, 5)
    return not hidden


def test_counts_of_two_known_sets_of_cities_are_shown_where_both_are_safe() -> None:
    assert shows_split(split_row(12, 30, 8, 32), guard({}))
    assert shows_split(split_row(0, 0, 8, 32), guard({}))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(split_row(12, 30, 2, 32), id="two cities without"),
        pytest.param(split_row(29, 30, 8, 32), id="all with it but one"),
        pytest.param(split_row(3, 9, 8, 32), id="nine cities take part"),
        pytest.param(split_row(12, 30, 14, 14), id="all of fourteen"),
        pytest.param(split_row(12, 30, 8, 32, dimension="size"), id="in a group"),
    ],
)
def test_a_count_of_known_cities_that_tells_of_few_hides_the_other(row: dict[str, Any]) -> None:
    assert not shows_split(row, guard({}))
    # A cohort that is made of no answers is nobody's secret.
    assert shows_split(row | {"cohort": "REGISTRY"}, guard({}))


def test_known_cities_of_a_cohort_within_another_are_not_counted() -> None:
    whole = guard({})
    nested = replace(whole, cube=replace(whole.cube, overlaps=Overlaps.of_nested([Nested("B", "A")])))
    row = split_row(12, 30, 8, 32)
    assert shows_split(row, whole)
    assert not shows_split(row, nested)
    assert shows_split(row | {"cohort": "B"}, nested)


PANEL = {
    "measures": [{"cells": {"cohort": "cohort", "need": "need"}, "values": ["n"], "bases": ["base_n"]}],
    "derived": ["p"],
    "other_wave": {"wave": "base", "key": ["cohort", "need"], "n": "whole_n", "columns": ["n", "base_n", "p"]},
    "parts": {
        "where": "is_paired",
        "counts": [["n", "base_n"], ["left_n", "left_base_n"]],
        "columns": ["n", "p"],
        "alternatives": "ways_n",
        "told": ["verdict"],
    },
}
CHANGE = {"cohort": "A", "need": "help", "base": "2030", "whole_n": 20, "n": 15, "base_n": 40, "p": 0.2}
MOVED = {"is_paired": True, "left_n": 5, "left_base_n": 14, "ways_n": 9, "verdict": "increase"}


@pytest.mark.parametrize(
    ("before", "part", "shown"),
    [
        ({}, {}, (15, 40, 0.2)),
        # The base wave hides its count, or shows one of before a correction.
        ({"n": None}, {}, (None, None, None)),
        ({"n": 21}, {}, (None, None, None)),
        # Two of the panel have the need; all or none of the few that left had it; nine left, or who knows how many.
        ({}, {"n": 2}, (None, 40, None)),
        ({}, {"n": 38}, (None, 40, None)),
        ({}, {"left_n": 14}, (None, 40, None)),
        ({}, {"left_n": 0}, (None, 40, None)),
        ({}, {"left_n": 3, "left_base_n": 9}, (None, 40, None)),
        ({}, {"left_n": None}, (None, 40, None)),
        ({}, {"left_n": 0, "left_base_n": 0}, (15, 40, 0.2)),
        # What is no panel has no parts.
        ({}, {"is_paired": False, "left_n": None}, (15, 40, 0.2)),
    ],
)
def test_a_change_is_shown_where_the_base_wave_and_every_part_of_the_panel_may_be(
    before: dict[str, int | None], part: dict[str, Any], shown: tuple[float | None, ...]
) -> None:
    row = apply_change(CHANGE | MOVED | part, before.get("n", 20))
    assert (row["n"], row["base_n"], row["p"]) == shown
    assert row["conf_status"] == ("F" if None not in shown else "C")


@pytest.mark.parametrize(("ways_n", "verdict"), [(1, None), (3, None), (4, "increase"), (None, "increase")])
def test_a_verdict_that_leaves_few_ways_open_is_hidden(ways_n: int | None, verdict: str | None) -> None:
    row = apply_change(CHANGE | MOVED | {"ways_n": ways_n}, 20)
    assert (row["n"], row["verdict"]) == (15, verdict)


def apply_change(row: dict[str, Any], shown_n: int | None) -> dict[str, Any]:
    known = {("2030", "need", "A", "help"): shown_n} if shown_n is not None else {}
    (found,) = apply([row], PANEL, replace(guard({}), shown_before=known))
    return found
