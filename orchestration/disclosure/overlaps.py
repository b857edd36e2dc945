"""What cohorts that share cities tell of each other: everybody can add and subtract their counts.

Sets of cities are closed under subtraction: what a cohort has more than one within it is a set as well, the same as
another cohort where it has the same cities, and what that has more than a third. Not here: any count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from orchestration.disclosure.rules import DIFFERENCE, Nested

# Differences of differences are looked for until there are so many sets: k cohorts apart within another one leave 2^k.
_MOST_SETS = 40

Combination = frozenset[str]


class Relation(NamedTuple):
    """A set of cities and those that it falls apart into: a cohort, and the others; one part where they are equal."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Overlaps:
    """Which cohorts cities are in together: each combination of cohorts that there is a city of.

    `apart` are two cohorts and an item that they read of different rounds: of it their counts cannot be subtracted.
    `conditional` cohorts are of cities that gave an answer: who is not in them tells an answer, too.
    """

    combinations: frozenset[Combination] = frozenset()
    apart: frozenset[tuple[str, str, str]] = frozenset()
    conditional: frozenset[str] = frozenset()

    @classmethod
    def of_nested(cls, nested: Iterable[Nested]) -> Overlaps:
        """Cohorts within others, none within two."""
        return cls(frozenset(found for pair in nested for found in (frozenset({pair.outer}), frozenset(pair))))

    def list_relations(self, items: Iterable[str]) -> tuple[Relation, ...]:
        """Relations of the counts of an item, or by an item: whole sets before those that they leave."""
        return _list_relations(self, frozenset(items))

    def is_within_another(self, cohort: str) -> bool:
        """Whether all cities of a cohort are in some other one."""
        places = [place for place in self.combinations if cohort in place]
        return bool(places) and frozenset.intersection(*places) > {cohort}

    def is_told_by_answers(self, difference: str) -> bool:
        """Whether being in a difference, or not in what was subtracted, tells an answer."""
        return not self.conditional.isdisjoint(difference.split(DIFFERENCE)[1:])


class _Set(NamedTuple):
    """A set of cities: its combinations, and the cohorts that it is computed from."""

    name: str
    places: frozenset[Combination]
    cohorts: frozenset[str]


@lru_cache(maxsize=4096)
def _list_relations(overlaps: Overlaps, items: frozenset[str]) -> tuple[Relation, ...]:
    apart = (frozenset((one, other)) for one, other, item in overlaps.apart if item in items)
    return _find_relations(overlaps.combinations, frozenset(apart))


@lru_cache(maxsize=256)
def _find_relations(places: frozenset[Combination], apart: frozenset[frozenset[str]]) -> tuple[Relation, ...]:
    def can_subtract(cohorts: Collection[str]) -> bool:
        return not any(frozenset(pair) in apart for pair in combinations(sorted(cohorts), 2))

    names = sorted(frozenset[str]().union(*places))
    cohorts = [_Set(name, frozenset(place for place in places if name in place), frozenset({name})) for name in names]
    sets, found = list(cohorts), dict[tuple[str, frozenset[str]], Relation]()
    # A list may grow while it is gone through: differences are wholes in their turn.
    for whole in sets:
        for inner in cohorts:
            used = whole.cohorts | inner.cohorts
            if inner.name == whole.name or not inner.places <= whole.places or not can_subtract(used):
                continue
            rest = whole.places - inner.places
            parts: tuple[str, ...] = (inner.name,)
            if rest:
                same = (one for one in sets if one.places == rest and can_subtract(used | one.cohorts))
                other = next(same, None)
                if other is None and len(sets) < max(_MOST_SETS, 2 * len(cohorts)):
                    other = _Set(f"{whole.name}{DIFFERENCE}{inner.name}", rest, used)
                    sets.append(other)
                if other is None:
                    continue
                parts = (inner.name, other.name)
            elif whole.name > inner.name:
                continue
            found.setdefault((whole.name, frozenset(parts)), Relation(whole.name, parts))
    return tuple(found.values())
