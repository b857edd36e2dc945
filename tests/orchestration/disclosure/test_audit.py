"""The audit of a public cube finds what an attacker could find."""

from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa
import pytest
from cube_cases import cube_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from orchestration.disclosure.audit import FeasibilityInterval, _solve_attacker_problems, audit
from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps
from orchestration.disclosure.protect import protect
from orchestration.disclosure.rules import ALL, Key, Nested
from orchestration.disclosure.tables import Disclosure, Guard
from orchestration.settings import DisclosureLimits

LIMITS = DisclosureLimits(minimum_frequency=3, minimum_base=4, minimum_group=6, reliable_base=10)
GAP_CUBE = Disclosure.model_validate(
    {
        "measures": [
            {
                "cells": {name: f"{name}_code" for name in Key._fields},
                "values": ["n"],
                "bases": ["base_n", "members_n", "answered_n"],
            }
        ]
    }
)
CHOICES = {"region": ("north", "south"), "plan": ("yes", "no", "soon")}


def answers(**counts: int) -> list[dict[str, str | frozenset[str] | None]]:
    return [
        {"region": name.split("_")[0], "plan": name.split("_")[1]}
        for name, count in counts.items()
        for _ in range(count)
    ]


def table_of(cube: ConfidentialCube, hidden: Collection[Key] = frozenset()) -> pa.Table:
    """`gap_cube` of a cube, without the counts of hidden cells."""
    rows = [
        {
            **{f"{name}_code": value for name, value in cell.key._asdict().items()},
            "choice_kind": "level" if cell.is_level else "missing",
            "n": None if cell.key in hidden else cell.n,
            "base_n": cell.base_n,
            "answered_n": cell.answered_n,
            "members_n": cell.base_n,
        }
        for cell in cube.cells
    ]
    texts = [*(f"{name}_code" for name in Key._fields), "choice_kind"]
    counts = ["n", "base_n", "answered_n", "members_n"]
    schema = [(name, pa.string()) for name in texts] + [(name, pa.int64()) for name in counts]
    return pa.Table.from_pylist(rows, pa.schema(schema))


def audit_without(cube: ConfidentialCube, hidden: Collection[Key]) -> tuple[FeasibilityInterval, ...]:
    return audit(table_of(cube), table_of(cube, hidden), cube, LIMITS)


def plan(choice: str, member: str = ALL, cohort: str = "A") -> Key:
    return Key(cohort, "plan", choice, ALL if member == ALL else "region", member)


SMALL = answers(north_yes=1, north_no=9, north_soon=9, south_yes=9, south_no=9, south_soon=9)
SQUARE = {plan(choice, member) for choice in ("yes", "no") for member in ("north", "south")}


def test_a_hidden_count_alone_in_its_row_is_computed() -> None:
    cube = cube_of({"A": SMALL}, CHOICES, ["region"])
    (found,) = audit_without(cube, {plan("yes", "north")})
    assert (found.key, found.low, found.high, found.protection_level) == (plan("yes", "north"), 1, 1, 3)


def test_four_hidden_counts_of_a_square_are_uncertain_enough() -> None:
    cube = cube_of({"A": SMALL}, CHOICES, ["region"])
    assert audit_without(cube, SQUARE) == ()


def test_a_shown_small_count_is_a_finding() -> None:
    cube = cube_of({"A": SMALL}, CHOICES, ["region"])
    assert {(found.key, found.low, found.high) for found in audit_without(cube, set())} == {
        (plan("yes", "north"), 1, 1)
    }


def test_a_cube_without_groups_is_protected_and_audit_without() -> None:
    cube = cube_of({"A": answers(north_yes=1, north_no=9, north_soon=9)}, CHOICES, [])
    hidden = protect(cube.cells, Overlaps(), LIMITS).cells
    assert set(hidden) == {plan("yes"), plan("no")}
    assert audit_without(cube, hidden) == ()
    (alone,) = audit_without(cube, {plan("yes")})
    assert (alone.low, alone.high) == (1, 1)


def test_feasibility_intervals_are_those_of_the_square_by_hand() -> None:
    # Rows 1 + 2 = 3 and 3 + 4 = 7, columns 4 and 6: the first can be 0 to 3, and the others follow.
    equations = tuple(
        (((first, 1), (second, 1)), total, True)
        for first, second, total in ((0, 1, 3), (2, 3, 7), (0, 2, 4), (1, 3, 6))
    )
    counts = tuple((value, 99) for value in (1, 2, 3, 4))
    assert _solve_attacker_problems(counts, equations) == ((0, 3), (0, 3), (1, 4), (3, 6))


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.lists(st.lists(st.integers(0, 6), min_size=3, max_size=3), min_size=2, max_size=4))
def test_feasibility_intervals_agree_with_a_second_solver(counts: list[list[int]]) -> None:
    cells = [(row, column) for row in range(len(counts)) for column in range(3)]
    place = {cell: number for number, cell in enumerate(cells)}
    groups = [[(row, column) for column in range(3)] for row in range(len(counts))]
    groups += [[(row, column) for row in range(len(counts))] for column in range(3)]
    equations = tuple(
        (tuple((place[cell], 1) for cell in group), sum(counts[row][column] for row, column in group), True)
        for group in groups
    )
    found = _solve_attacker_problems(tuple((counts[row][column], 99) for row, column in cells), equations)
    matrix = [[1 if cell in group else 0 for cell in cells] for group in groups]
    for cell, number in place.items():
        for sign, end in zip((1, -1), found[number], strict=True):
            cost = [sign if other == cell else 0 for other in cells]
            best = linprog(cost, A_eq=matrix, b_eq=[total for _, total, _ in equations], bounds=(0, 999)).fun
            assert end == pytest.approx(sign * best, abs=1e-6)


def test_ends_of_feasibility_intervals_are_whole_numbers() -> None:
    # Twice the first and the second are 5 together: the first is 2.5 at most, which no count can be, the second odd.
    assert _solve_attacker_problems(((1, 99), (3, 99)), ((((0, 2), (1, 1)), 5, True),)) == ((0, 2), (1, 5))


def test_counts_that_do_not_sum_up_are_refused() -> None:
    cube = cube_of({"A": SMALL}, CHOICES, ["region"])
    cut = replace(cube, cells=tuple(cell for cell in cube.cells if cell.key != plan("yes", "south")))
    with pytest.raises(ValueError, match="do not sum up"):
        audit_without(cut, SQUARE)


def test_a_group_that_the_inner_cohort_has_not_is_of_the_outer_one_alone() -> None:
    inner = answers(south_yes=9, south_no=9, south_soon=9)
    outer = [*inner, *SMALL]
    cube = cube_of({"IN": inner, "OUT": outer}, CHOICES, ["region"], [Nested("OUT", "IN")])
    absent = [cell for cell in cube.cells if cell.key.cohort == "IN" and "north" in (cell.key.member, cell.key.choice)]
    assert {cell.n for cell in absent} == {0}
    cut = replace(cube, cells=tuple(cell for cell in cube.cells if cell not in absent))
    square = {key._replace(cohort="OUT") for key in SQUARE}
    assert audit_without(cut, square) == audit_without(cube, square)
    alone = {plan("yes", "north", "OUT"), plan("yes", "south", "OUT"), plan("yes", "south", "IN")}
    found = {one.key for one in audit_without(cut, alone)}
    assert plan("yes", "north", "OUT without IN") in found


def test_what_two_nested_cohorts_leave_is_audit_without() -> None:
    inner = answers(north_yes=9, north_no=9, south_yes=9, south_no=9)
    outer = [*inner, *answers(north_yes=1, north_no=9, south_yes=9, south_no=9)]
    cube = cube_of({"IN": inner, "OUT": outer}, CHOICES, ["region"], [Nested("OUT", "IN")])
    found = audit_without(cube, set())
    assert plan("yes", "north", "OUT without IN") in {one.key for one in found}


def test_a_cohort_of_one_city_within_another_is_guarded() -> None:
    found = answers(north_yes=1, north_no=3, south_no=3)
    cube = cube_of({"OUT": found, "IN": found[:1]}, CHOICES, ["region"], [Nested("OUT", "IN")])
    pattern = protect(cube.cells, cube.overlaps, LIMITS)
    internal = table_of(cube)
    with_all, free = Guard(cube, pattern, LIMITS, is_provisional=False).apply(internal, GAP_CUBE)
    assert audit(with_all, free, cube, LIMITS) == ()


def test_a_group_that_only_the_outer_cohort_has_is_guarded() -> None:
    inner = answers(north_yes=9, north_no=9, south_yes=9, south_no=9)
    outer = [*inner, {"region": None, "plan": "yes"}, {"region": "north", "plan": None}]
    cube = cube_of({"IN": inner, "OUT": outer}, CHOICES, ["plan", "region"], [Nested("OUT", "IN")])
    pattern = protect(cube.cells, cube.overlaps, LIMITS)
    internal = table_of(cube)
    with_all, free = Guard(cube, pattern, LIMITS, is_provisional=False).apply(internal, GAP_CUBE)
    assert audit(with_all, free, cube, LIMITS) == ()


city = st.fixed_dictionaries(
    {"region": st.sampled_from(["north", "south"]), "plan": st.sampled_from(["yes", "no", "soon", None])}
)


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(city, min_size=1, max_size=40), st.integers(0, 40))
# A hidden total gives the counts of its groups more room than the totals alone, also one that is hidden last, and
# so does an outer cohort, which tells of its inner one only while it is shown.
@example(answers(north_yes=3, north_soon=1, south_yes=2, south_no=1), 0)
@example([*answers(north_yes=4, north_soon=2, south_yes=1, south_soon=1), {"region": "south", "plan": None}], 2)
@example([*answers(north_yes=8, north_no=3, south_no=3), *answers(north_yes=3, south_no=3)], 14)
def test_protected_cubes_pass_the_audit(found: list[dict[str, str | None]], inner: int) -> None:
    cohorts = {"OUT": found, "IN": found[:inner]} if 0 < inner < len(found) else {"OUT": found}
    nested = [Nested("OUT", "IN")] if len(cohorts) > 1 else []
    cube = cube_of(cohorts, {"plan": CHOICES["plan"], "region": CHOICES["region"]}, ["region"], nested)
    pattern = protect(cube.cells, cube.overlaps, LIMITS)
    internal = table_of(cube)
    with_all, free = Guard(cube, pattern, LIMITS, is_provisional=False).apply(internal, GAP_CUBE)
    assert audit(with_all, free, cube, LIMITS) == ()
