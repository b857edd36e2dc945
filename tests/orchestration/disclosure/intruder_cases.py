"""Small deployments made by chance, protected as a wave is, and what an intruder finds in their public tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from cube_cases import City, cube_of
from intruder import Attack, Knowledge, Limits, attack

from orchestration.disclosure.audit import audit
from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.protect import SuppressionPattern, protect
from orchestration.disclosure.rules import Key, Nested
from orchestration.disclosure.tables import Guard
from orchestration.settings import DisclosureLimits

LIMITS = DisclosureLimits()
CHOICES = {
    "region": ("north", "south", "west"),
    "size": ("large", "small"),
    "plan": ("yes", "no", "soon"),
    "help": ("money", "people", "time"),
}
DIMENSIONS = ("region", "size")
MENU = "help"


def make_cohorts(seed: int) -> tuple[dict[str, Sequence[City]], tuple[Nested, ...]]:
    """Up to 60 cities that answered at random, some questions not at all, and mostly a cohort within them."""
    chance = random.Random(seed)
    skew = [chance.choice((1, 1, 2, 6)) for _ in range(3)]

    def answer(item: str) -> Any:
        if item not in DIMENSIONS[:1] and chance.random() < 0.1:
            return None
        choices = CHOICES[item]
        if item == MENU:
            return frozenset(chance.sample(choices, chance.randint(1, len(choices))))
        return chance.choices(choices, skew[: len(choices)])[0]

    cities = [{item: answer(item) for item in CHOICES} for _ in range(chance.randint(8, 60))]
    inner_n = chance.randint(0, len(cities) - 1)
    if inner_n < 4:
        return {"OUT": cities}, ()
    return {"OUT": cities, "IN": cities[:inner_n]}, (Nested("OUT", "IN"),)


def table_of(cube: ConfidentialCube) -> pa.Table:
    """`gap_cube` of a cube."""
    rows = []
    for cell in cube.cells:
        kind = "level" if cell.is_level else "missing"
        counts = {"n": cell.n, "base_n": cell.base_n, "members_n": cell.base_n, "answered_n": cell.answered_n}
        codes = {f"{name}_code": value for name, value in cell.key._asdict().items()}
        rows.append({**codes, "choice_kind": kind, **counts})
    return pa.Table.from_pylist(rows)


def protect_as_a_wave(cube: ConfidentialCube, whole: pa.Table, **earlier: Any) -> Guard:
    """What may be shown of a cube, with what the audit adds; `earlier` is what earlier releases showed and hid."""

    def find_unsafe(pattern: SuppressionPattern) -> list[Key]:
        free = Guard(cube, pattern, LIMITS, is_provisional=False).take_out(whole)
        return [found.key for found in audit(whole, free, cube, LIMITS)]

    pattern = protect(
        cube.cells, cube.overlaps, LIMITS, cube.defining, cube.conditions, find_unsafe=find_unsafe, **earlier
    )
    return Guard(cube, pattern, LIMITS, is_provisional=False)


def attack_deployment(seed: int) -> Attack:
    """What an intruder finds of a deployment made by chance."""
    cohorts, nested = make_cohorts(seed)
    cube = cube_of(cohorts, CHOICES, DIMENSIONS, nested)
    whole = table_of(cube)
    return attack_table(protect_as_a_wave(cube, whole).take_out(whole), whole, nested)


def attack_table(public: pa.Table, whole: pa.Table, nested: Sequence[Nested]) -> Attack:
    """What an intruder finds in a public cube."""
    together = frozenset(found for pair in nested for found in (frozenset({pair.outer}), frozenset(pair)))
    knowledge = Knowledge(multiples=frozenset({MENU}), together=together)
    limits = Limits(LIMITS.minimum_frequency, LIMITS.minimum_base, LIMITS.minimum_group)
    return attack({"gap_cube": public.to_pylist()}, {"gap_cube": whole.to_pylist()}, knowledge, limits)
