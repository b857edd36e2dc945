"""Merged classes: which items everybody sees by fewer, larger classes, so that less has to be hidden.

An item of merged classes (`class_merges.csv`) is counted like any other. The public release shows it instead of the
item that it is merged of; inside, both are counted and the detailed one is shown. Not here: which cells are
suppressed (protect.py), taking rows out of tables (tables.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Classes = frozenset[str]
# The group of cities that did not answer, of every dimension.
WITHOUT_ANSWER = "missing"


@dataclass(frozen=True)
class Merge:
    """An item of merged classes, and the item that they are merged of."""

    item: str
    detailed: str
    classes: Classes


@dataclass(frozen=True)
class Variants:
    """Items that there are twice, with detailed and with merged classes.

    Everybody sees one of the two: the other is `withheld`. Internal tables leave out the `merged`, for the detailed.
    """

    withheld: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()


class ChangedClassesError(ValueError):
    """Merged classes that are others than those by which the wave was published before."""


def choose_variants(merges: Iterable[Merge], published: Mapping[str, Classes]) -> Variants:
    """Which variant of an item everybody sees; `published` are the groupings of earlier revisions with their groups.

    A wave keeps the classes by which it was published first: the others would tell, by subtraction, what was hidden.
    Raises ChangedClassesError where merged classes were changed since.
    """
    own, withheld = list(merges), set()
    for merge in own:
        if merge.detailed in published:
            withheld.add(merge.item)
            continue
        before = published.get(merge.item, frozenset()) - {WITHOUT_ANSWER}
        if before and before != merge.classes:
            raise ChangedClassesError(
                f"class_merges.csv: {merge.item} was published with the classes {', '.join(sorted(before))}, and has "
                f"{', '.join(sorted(merge.classes))} now: beside each other they tell what is hidden. "
                "Restore the rows, or merge into an item with another code in the next wave."
            )
        withheld.add(merge.detailed)
    return Variants(frozenset(withheld), frozenset(merge.item for merge in own))
