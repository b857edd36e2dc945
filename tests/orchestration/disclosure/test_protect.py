"""No hidden count can be computed from what is shown, whatever the cities answered."""

from collections.abc import Mapping

import numpy as np
import pytest
from cube_cases import cube_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps
from orchestration.disclosure.protect import SuppressionPattern, protect
from orchestration.disclosure.rules import ALL, Key, Nested, Reason, find_primary_reason
from orchestration.settings import DisclosureLimits

LIMITS = DisclosureLimits(minimum_frequency=3, minimum_base=4, minimum_group=6, reliable_base=10)
CHOICES = {"region": ("north", "south"), "plan": ("yes", "no", "soon"), "tools": ("map", "model")}


city = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["north", "south"]),
        "plan": st.sampled_from(["yes", "no", "soon", None]),
        "tools": st.frozensets(st.sampled_from(["map", "model"])),
    }
)


def suppress(cube: ConfidentialCube, **more: object) -> SuppressionPattern:
    return protect(cube.cells, cube.overlaps, LIMITS, **more)  # type: ignore[arg-type]


def cities(**counts: int) -> list[dict[str, object]]:
    """Cities by `region_plan`, all with the same tools."""
    return [
        {"region": name.split("_")[0], "plan": name.split("_")[1], "tools": frozenset({"map"})}
        for name, count in counts.items()
        for _ in range(count)
    ]


def test_a_small_count_is_hidden_with_complements_in_its_row_and_its_column() -> None:
    answers = cities(north_yes=1, north_no=9, north_soon=9, south_yes=9, south_no=9, south_soon=9)
    found = suppress(cube_of({"A": answers}, CHOICES, ["region"])).cells
    plan = {(key.choice, key.member): reason for key, reason in found.items() if key.item == "plan"}
    assert plan["yes", "north"] is Reason.SMALL_COUNT
    assert plan["yes", "south"] is Reason.COMPLEMENT
    assert len([choice for choice, member in plan if member == "north"]) == 2
    assert ("yes", ALL) not in plan


def test_a_group_of_few_cities_shows_nothing() -> None:
    answers = cities(north_yes=3, south_yes=9, south_no=9, south_soon=9)
    found = suppress(cube_of({"A": answers}, CHOICES, ["region"])).cells
    assert {found[Key("A", "plan", choice, "region", "north")] for choice in CHOICES["plan"]} == {Reason.SMALL_BASE}


def test_what_all_cities_of_a_small_group_said_is_hidden() -> None:
    answers = cities(north_yes=5, south_yes=9, south_no=9, south_soon=9)
    found = suppress(cube_of({"A": answers}, CHOICES, ["region"])).cells
    assert found[Key("A", "plan", "yes", "region", "north")] is Reason.WHOLE_GROUP
    assert found[Key("A", "tools", "map", "region", "north")] is Reason.WHOLE_GROUP
    assert found[Key("A", "tools", "model", "region", "north")] is Reason.WHOLE_GROUP


def test_what_an_outer_cohort_has_more_than_an_inner_one_is_hidden_too() -> None:
    inner = cities(north_yes=9, north_no=9, south_yes=9, south_no=9)
    outer = [*inner, *cities(north_yes=1, north_no=9, south_yes=9, south_no=9)]
    cube = cube_of({"IN": inner, "OUT": outer}, CHOICES, ["region"], [Nested("OUT", "IN")])
    hidden = suppress(cube).cells
    pair = [Key(cohort, "plan", "yes", "region", "north") for cohort in ("IN", "OUT")]
    assert any(key in hidden for key in pair)


def test_a_group_whose_size_is_hidden_shows_nothing() -> None:
    answers = cities(north_yes=2, south_yes=9, south_no=9, south_soon=9)
    found = suppress(cube_of({"A": answers}, CHOICES, ["region"]))
    assert ("A", "region", "north") in found.groups
    assert ("A", "region", "south") in found.groups
    assert found.cells[Key("A", "plan", "no", "region", "south")] is Reason.GROUP_SIZE


def test_a_cell_that_an_earlier_release_showed_is_no_complement_while_there_is_another() -> None:
    answers = cities(north_yes=1, north_no=9, north_soon=9, south_yes=9, south_no=9, south_soon=9)
    cube = cube_of({"A": answers}, CHOICES, ["region"])
    first = suppress(cube).cells
    complement = next(key for key, reason in first.items() if reason is Reason.COMPLEMENT and key.choice != "yes")
    second = suppress(cube, shown_earlier={complement})
    assert complement not in second.cells


def test_a_cell_that_an_earlier_release_hid_stays_hidden() -> None:
    answers = cities(north_yes=9, north_no=9, north_soon=9, south_yes=9, south_no=9, south_soon=9)
    cube = cube_of({"A": answers}, CHOICES, ["region"])
    key = Key("A", "plan", "no", "region", "south")
    assert suppress(cube).cells == {}
    assert suppress(cube, hidden_earlier={key: Reason.SMALL_COUNT}).cells[key] is Reason.EARLIER_RELEASE


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(city, min_size=1, max_size=40))
def test_the_same_counts_are_hidden_for_the_same_reasons_after_a_release(answers: list[Mapping[str, object]]) -> None:
    cube = cube_of({"A": answers}, CHOICES, ["region"])  # type: ignore[arg-type]
    first = suppress(cube)
    shown = {cell.key for cell in cube.cells if cell.key not in first.cells}
    assert suppress(cube, shown_earlier=shown, hidden_earlier=first.cells) == first


def test_numbers_that_count_the_same_and_differ_are_refused() -> None:
    cube = cube_of({"A": cities(north_yes=9, south_no=9)}, CHOICES, ["region", "plan"])
    cells = [
        cell._replace(n=cell.n + 1) if cell.key == Key("A", "plan", "yes", "region", "north") else cell
        for cell in cube.cells
    ]
    with pytest.raises(ValueError, match=r"10 responses, but 9 in|9 responses, but 10 in"):
        protect(cells, Overlaps(), LIMITS)


@settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(city, min_size=1, max_size=40), st.integers(0, 40))
def test_no_small_count_can_be_computed_from_all_that_is_shown(answers: list[Mapping[str, object]], inner: int) -> None:
    """What an attacker with a solver of his own finds out of each count that tells of a city is wide enough."""
    cohorts = {"OUT": answers, "IN": answers[:inner]} if 0 < inner < len(answers) else {"OUT": answers}
    nested = [Nested("OUT", "IN")] if len(cohorts) > 1 else []
    cube = cube_of(cohorts, CHOICES, ["region"], nested)  # type: ignore[arg-type]
    found = suppress(cube)
    shown = {cell.key: cell.n for cell in cube.cells if cell.key not in found.cells}
    for cell in cube.cells:
        reason = find_primary_reason(cell.n, cell.base_n, cell.answered_n, is_multiple=cell.is_multiple, limits=LIMITS)
        if reason is not None and cell.is_level and cell.key.item != cell.key.dimension:
            low, high = attack(cube, found, shown, cell.key)
            everything = attack(cube, found, totals_of(cube, shown, cell.key), cell.key)
            assert high - low >= min(LIMITS.minimum_frequency, everything[1] - everything[0]) - 1e-6, cell


def totals_of(cube: ConfidentialCube, shown: Mapping[Key, int], key: Key) -> dict[Key, int]:
    """What is shown besides the groups of the cohort and item of a cell, or besides all of them for a total."""
    return {
        other: n
        for other, n in shown.items()
        if other[:2] != key[:2] or (other.dimension == ALL and key.dimension != ALL) or other.item == other.dimension
    }


def attack(
    cube: ConfidentialCube, found: SuppressionPattern, shown: Mapping[Key, int], target: Key
) -> tuple[float, float]:
    """Least and greatest value of a count given the shown ones, the answers of each group, and that groups add up."""
    cells = [cell for cell in cube.cells if cell.key.item == target.item and cell.is_level]
    index = {cell.key: place for place, cell in enumerate(cells)}
    rows, sums = [], []

    def equation(terms: Mapping[Key, int], total: float) -> None:
        row = np.zeros(len(cells))
        for key, sign in terms.items():
            row[index[key]] += sign
        rows.append(row)
        sums.append(total)

    inequalities, limits = [], []
    for cell in cells:
        key = cell.key
        if key in shown:
            equation({key: 1}, shown[key])
        if key.dimension == ALL:
            members = [other for other in index if other[:3] == key[:3] and other.dimension != ALL]
            for dimension in {other.dimension for other in members}:
                equation({key: -1} | {other: 1 for other in members if other.dimension == dimension}, 0)
        for pair in nested_in(cube):
            inner = key._replace(cohort=pair.inner)
            if key.cohort == pair.outer and inner in index:
                row = np.zeros(len(cells))
                row[index[inner]], row[index[key]] = 1, -1
                inequalities.append(row)
                limits.append(0.0)
    if not cells[0].is_multiple:
        for group in {(cell.key.cohort, *cell.key[3:]) for cell in cells}:
            own = [cell for cell in cells if (cell.key.cohort, *cell.key[3:]) == group]
            if group not in found.groups:
                equation({cell.key: 1 for cell in own}, own[0].answered_n)
    bounds = [(0, cell.base_n if cell.is_multiple else None) for cell in cells]
    ends = []
    for sign in (1, -1):
        cost = np.zeros(len(cells))
        cost[index[target]] = sign
        result = linprog(
            cost,
            A_ub=np.array(inequalities) if inequalities else None,
            b_ub=limits or None,
            A_eq=np.array(rows),
            b_eq=sums,
            bounds=bounds,
        )
        assert result.status in (0, 3), result.message
        ends.append(sign * result.fun if result.status == 0 else float("inf"))
    return ends[0], ends[1]


def nested_in(cube: ConfidentialCube) -> list[Nested]:
    """The one cohort within another that there may be."""
    return [Nested("OUT", "IN")] if ("IN", "plan") in cube.asked else []
