"""The counts of a wave whose answers are confidential, read out of a built warehouse.

Here: which counts there are, and which of them make up a need or the interest in a service. Not here: which of them
are suppressed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from orchestration.disclosure.rules import Cell, Key, Nested

COMPOUND_CHOICE = "yes"

_COUNTS = """
    select cohort_code, item_code, choice_code, dimension_code, member_code, n, base_n, answered_n,
        is_multiple, is_level, is_compound
    from intermediate.int_confidential_counts where wave = $wave order by all
"""
_NESTED = (
    "select outer_cohort_code, inner_cohort_code from intermediate.int_nested_cohorts where wave = $wave order by all"
)
_DEFINING = "select distinct item_code from knowledge.cohort_filters where item_code is not null order by all"
_CONFIDENTIAL = """
    select cohort_code, item_code from intermediate.int_cohort_items where wave = $wave and is_confidential order by all
"""
_LEVELS = "select item_code, choice_code, need_level from intermediate.int_choice_levels order by all"
_COMPOUNDS = """
    select 'need:' || need_code, item_code, choice_code, coalesce(is_chosen, 'yes') = 'yes' from knowledge.need_evidence
    union all
    select 'service:' || service_code, item_code, choice_code, true from knowledge.service_interest
    order by all
"""


@dataclass(frozen=True)
class ConfidentialCube:
    """All counts of a wave that disclosure control judges.

    `compounds` are counts of cities that gave any of several answers (`need:…`, `service:…`): a compound of one
    item's levels is a sum of cells, any other is counted among `cells` as a question of its own. `levels` are the
    choices of each item with their level of need, None where it is no rating. `defining` items say who is in a cohort.
    """

    cells: tuple[Cell, ...]
    nested: tuple[Nested, ...]
    levels: Mapping[str, Mapping[str, float | None]]
    compounds: Mapping[str, tuple[tuple[str, str], ...]]
    asked: frozenset[tuple[str, str]]
    defining: frozenset[str]
    # Compounds of those that gave any of the answers; others have one that was not given.
    unions: frozenset[str] = frozenset()
    # Cohorts and items of which a round behind is confidential: numbers are no cells.
    confidential: frozenset[tuple[str, str]] = frozenset()
    # Compounds that are sums of cells: hidden with any of them, and told by all of them.
    sums: tuple[Cell, ...] = ()

    def list_sources(self, cohort: str, code: str, dimension: str, member: str) -> list[Key]:
        """Cells that disclose the same as a compound: its parts where they sum up to it, else its own."""
        parts = [part for part in self.compounds.get(code, ()) if (cohort, part[0]) in self.asked]
        if self.is_sum(parts):
            return [Key(cohort, item, choice, dimension, member) for item, choice in parts]
        return [Key(cohort, code, COMPOUND_CHOICE, dimension, member)]

    def counts_itself(self, compound: Key) -> bool:
        """Whether a compound is a count of its own rather than a sum of cells."""
        return compound in self.list_sources(compound.cohort, compound.item, compound.dimension, compound.member)

    def is_sum(self, parts: Iterable[tuple[str, str]]) -> bool:
        """Whether no city can have two of the answers."""
        chosen = list(parts)
        items = {item for item, _ in chosen}
        return len(chosen) == 1 or (len(items) == 1 and not items & self.multiples)

    @cached_property
    def dimensions(self) -> frozenset[str]:
        """Dimensions of the cells, `all` among them."""
        return frozenset(cell.key.dimension for cell in self.cells)

    @cached_property
    def multiples(self) -> frozenset[str]:
        """Items of which several choices may be ticked."""
        return frozenset(cell.key.item for cell in self.cells if cell.is_multiple)


def read_cube(database: Path, wave: str, withheld: Collection[str] = frozenset()) -> ConfidentialCube:
    """Counts of the confidential cohorts of a wave, without items and dimensions that are withheld."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        counted = connection.execute(_COUNTS, {"wave": wave}).fetchall()
        rows = [row for row in counted if not {row[1], row[3]} & {*withheld}]
        nested = [Nested(*row) for row in connection.execute(_NESTED, {"wave": wave}).fetchall()]
        levels: dict[str, dict[str, float | None]] = defaultdict(dict)
        for item, choice, level in connection.execute(_LEVELS).fetchall():
            levels[item][choice] = level
        compounds: dict[str, tuple[tuple[str, str], ...]] = defaultdict(tuple)
        absent = set()
        for code, item, choice, is_chosen in connection.execute(_COMPOUNDS).fetchall():
            compounds[code] += ((item, choice),)
            absent |= set() if is_chosen else {code}
        defining = frozenset(item for (item,) in connection.execute(_DEFINING).fetchall())
        confidential = frozenset(connection.execute(_CONFIDENTIAL, {"wave": wave}).fetchall())
    cells = [Cell(Key(*row[:5]), *row[5:-1]) for row in rows if not row[-1]]
    compound_cells = [Cell(Key(*row[:5]), *row[5:-1]) for row in rows if row[-1]]
    cohorts = {cell.key.cohort for cell in cells}
    simple = ConfidentialCube(
        cells=tuple(cells),
        nested=tuple(pair for pair in nested if {*pair} <= cohorts),
        levels=levels,
        compounds=compounds,
        asked=frozenset((cell.key.cohort, cell.key.item) for cell in cells),
        defining=defining,
        unions=frozenset(compounds.keys() - absent),
        confidential=confidential,
    )
    whole = [cell for cell in compound_cells if simple.counts_itself(cell.key)]
    sums = [cell for cell in compound_cells if not simple.counts_itself(cell.key)]
    return replace(simple, cells=(*cells, *whole), sums=tuple(sums))
