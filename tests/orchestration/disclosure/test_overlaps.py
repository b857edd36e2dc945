"""Cohorts that share cities: what is added and subtracted is found, and hidden."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pyarrow as pa
import pytest
from cube_cases import City, cube_of
from intruder import Knowledge, Limits, attack
from intruder_cases import LIMITS, protect_as_a_wave, table_of

from orchestration.disclosure.audit import audit
from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps, Relation
from orchestration.disclosure.rules import ALL, Key
from orchestration.disclosure.tables import Guard

CHOICES = {"plan": ("yes", "no", "soon"), "region": ("north", "south")}


def cities(yes: int, no: int, soon: int) -> list[City]:
    """Cities of both regions in turn."""
    plans = ["yes"] * yes + ["no"] * no + ["soon"] * soon
    return [{"plan": plan, "region": ("north", "south")[place % 2]} for place, plan in enumerate(plans)]


def overlaps_of(*together: str) -> Overlaps:
    return Overlaps(frozenset(frozenset(cohorts.split()) for cohorts in together))


def test_what_two_parts_leave_of_a_whole_is_the_other_one() -> None:
    assert overlaps_of("ALL IN", "ALL OUT").list_relations({"plan"}) == (Relation("ALL", ("IN", "OUT")),)


def test_what_is_left_after_several_cohorts_is_a_set_as_well() -> None:
    found = overlaps_of("ALL", "ALL A", "ALL B").list_relations({"plan"})
    assert Relation("ALL without A", ("B", "ALL without A without B")) in found
    assert Relation("ALL without B", ("A", "ALL without A without B")) in found


def test_two_cohorts_of_the_same_cities_count_the_same() -> None:
    assert overlaps_of("A B").list_relations({"plan"}) == (Relation("A", ("B",)),)


def test_cohorts_that_only_share_cities_are_not_subtracted() -> None:
    assert overlaps_of("A", "A B", "B").list_relations({"plan"}) == ()


def test_items_that_are_read_of_different_rounds_are_not_subtracted() -> None:
    overlaps = replace(overlaps_of("ALL", "ALL IN"), apart=frozenset({("ALL", "IN", "plan"), ("IN", "ALL", "plan")}))
    assert overlaps.list_relations({"plan"}) == ()
    assert overlaps.list_relations({"region", "plan"}) == ()
    assert overlaps.list_relations({"region"}) == (Relation("ALL", ("IN", "ALL without IN")),)


def hide(whole: pa.Table, hidden: Collection[Key]) -> pa.Table:
    rows = whole.to_pylist()
    for row in rows:
        if Key(*(row[f"{name}_code"] for name in Key._fields)) in hidden:
            row["n"] = None
    return pa.Table.from_pylist(rows, whole.schema)


def find_told(cube: ConfidentialCube, public: pa.Table) -> list[tuple[str, str]]:
    """Cohort and answer of the counts that an intruder learns who adds and subtracts."""
    whole = table_of(cube)
    knowledge = Knowledge(together=cube.overlaps.combinations)
    limits = Limits(LIMITS.minimum_frequency, LIMITS.minimum_base, LIMITS.minimum_group)
    found = attack({"gap_cube": public.to_pylist()}, {"gap_cube": whole.to_pylist()}, knowledge, limits)
    return [(one.count.cohort, one.count.choice) for one in found.findings]


INSIDE, OUTSIDE = cities(1, 9, 8), cities(9, 8, 9)


@pytest.mark.parametrize("is_open", [[], ["ALL"]])
def test_a_count_that_a_whole_and_its_other_part_tell_is_found_and_hidden(is_open: Sequence[str]) -> None:
    cube = cube_of(
        {"ALL": [*INSIDE, *OUTSIDE], "IN": INSIDE, "OUT": OUTSIDE},
        CHOICES,
        [],
        together=[("ALL", "IN"), ("ALL", "OUT")],
        is_open=is_open,
    )
    whole = table_of(cube)
    public = hide(whole, {Key("IN", "plan", choice, ALL, ALL) for choice in ("yes", "no")})
    assert ("IN", "yes") in find_told(cube, public)
    # As it was: cohorts by themselves, as those of two instruments, or without a third one that is what is left.
    before = replace(cube, overlaps=Overlaps())
    assert {found.key.cohort for found in audit(whole, public, before, LIMITS)} == set()
    assert Key("IN", "plan", "yes", ALL, ALL) in {found.key for found in audit(whole, public, cube, LIMITS)}
    guarded = protect_as_a_wave(cube, whole).take_out(whole)
    assert find_told(cube, guarded) == []
    assert all(row["n"] is not None for row in guarded.to_pylist() if row["cohort_code"] in is_open)


def test_two_cohorts_of_the_same_cities_hide_the_same() -> None:
    cube = cube_of({"A": INSIDE, "B": INSIDE}, CHOICES, [], together=[("A", "B")])
    whole = table_of(cube)
    public = hide(whole, {Key("A", "plan", choice, ALL, ALL) for choice in ("yes", "no")})
    assert ("A", "yes") in find_told(cube, public)
    assert Key("A", "plan", "yes", ALL, ALL) in {found.key for found in audit(whole, public, cube, LIMITS)}
    assert find_told(cube, protect_as_a_wave(cube, whole).take_out(whole)) == []


def test_the_item_that_defines_a_cohort_is_judged_for_others() -> None:
    """Those with a plan are a cohort; one city of another cohort has one, which its total would tell."""
    cube = cube_of({"ALL": OUTSIDE, "OTHER": cities(1, 9, 8)}, CHOICES, ["region"], together=[("ALL",), ("OTHER",)])
    cube = replace(cube, defining=frozenset({"plan"}), conditions=frozenset({("ALL", "plan")}))
    whole = table_of(cube)
    guarded: Guard = protect_as_a_wave(cube, whole)
    hidden = {key for key in guarded.pattern.cells if key.dimension == ALL}
    assert Key("OTHER", "plan", "yes", ALL, ALL) in hidden
    assert len(hidden) == 2
    assert {key.cohort for key in hidden} == {"OTHER"}
    # By groups it would tell the groups of the cohort that it defines, in each.
    by_region = {cell.key for cell in cube.cells if cell.key.item == "plan" and cell.key.dimension != ALL}
    assert by_region <= guarded.pattern.cells.keys()
    assert find_told(cube, guarded.take_out(whole)) == []
