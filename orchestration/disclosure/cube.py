"""The counts of a wave whose answers are confidential, read out of a built warehouse.

Here: which counts there are, and which of them make up a need or the interest in a service. Not here: which are hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.disclosure.protect import Nested
from orchestration.disclosure.rules import Cell, Key

if TYPE_CHECKING:
    import duckdb

COMPOUND_CHOICE = "yes"

_CELLS = """
    select cohort_code, item_code, choice_code, dimension_code, member_code, n, base_n, answered_n, members_n,
        kind = 'multiple', choice_kind = 'level'
    from gaps.gap_cube inner join dimensions.dim_item using (item_code)
    inner join dimensions.dim_cohort using (cohort_code) where wave = $wave and is_confidential order by all
"""
_NESTED = (
    "select outer_cohort_code, inner_cohort_code from intermediate.int_nested_cohorts where wave = $wave order by all"
)
_DEFINING = "select distinct item_code from knowledge.cohort_filters order by all"
_LEVELS = """
    select item_code, choice_code, case direction when 'lower_is_more_need'
        then min(level) over (partition by item_code) + max(level) over (partition by item_code) - level else level end
    from dimensions.dim_choice inner join dimensions.dim_item using (item_code) where choice_kind = 'level' order by all
"""
_NEEDS = """
    select distinct cohort_code, 'need:' || need_code, dimension_code, member_code, n, base_n
    from gaps.gap_need_by_group inner join dimensions.dim_cohort using (cohort_code)
    where wave = $wave and is_confidential order by all
"""
_SERVICES = """
    select distinct cohort_code, 'service:' || service_code, dimension_code, member_code, interest_n, interest_base_n
    from gaps.gap_service_coverage inner join dimensions.dim_cohort using (cohort_code)
    where wave = $wave and is_confidential and interest_n is not null order by all
"""
_NEED_PARTS = "select 'need:' || need_code, item_code, choice_code from knowledge.need_evidence order by all"
_SERVICE_PARTS = (
    "select 'service:' || service_code, item_code, choice_code from knowledge.service_interest order by all"
)


@dataclass(frozen=True)
class ConfidentialCube:
    """All counts of a wave that disclosure control judges.

    `compounds` are counts by responses that gave any of several answers (`need:…`, `service:…`): a compound of one
    item's levels is a sum of cells, any other is counted among `cells` as a question of its own. `levels` are the
    choices of each item with their level of need, None where it is no rating. `defining` items say who is in a cohort.
    """

    cells: tuple[Cell, ...]
    nested: tuple[Nested, ...]
    levels: Mapping[str, Mapping[str, float | None]]
    compounds: Mapping[str, tuple[tuple[str, str], ...]]
    asked: frozenset[tuple[str, str]]
    defining: frozenset[str]

    def sources(self, cohort: str, code: str, dimension: str, member: str) -> list[Key]:
        """Cells that tell the same as a compound: its parts where they sum up to it, else its own."""
        parts = [part for part in self.compounds.get(code, ()) if (cohort, part[0]) in self.asked]
        if self.is_sum(parts):
            return [Key(cohort, item, choice, dimension, member) for item, choice in parts]
        return [Key(cohort, code, COMPOUND_CHOICE, dimension, member)]

    @property
    def parts(self) -> frozenset[tuple[str, str]]:
        """Items and choices that compounds are made of."""
        return frozenset(part for parts in self.compounds.values() for part in parts)

    def is_sum(self, parts: Iterable[tuple[str, str]]) -> bool:
        """Whether no response can have two of the answers."""
        chosen = list(parts)
        items = {item for item, _ in chosen}
        return len(chosen) == 1 or (len(items) == 1 and not items & self.multiples)

    @cached_property
    def multiples(self) -> frozenset[str]:
        """Items of which several choices may be ticked."""
        return frozenset(cell.key.item for cell in self.cells if cell.is_multiple)


def read_cube(database: Path, wave: str) -> ConfidentialCube:
    """Counts of the confidential cohorts of a wave."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        cells = [Cell(Key(*row[:5]), *row[5:]) for row in connection.execute(_CELLS, {"wave": wave}).fetchall()]
        nested = [Nested(*row) for row in connection.execute(_NESTED, {"wave": wave}).fetchall()]
        levels: dict[str, dict[str, float | None]] = defaultdict(dict)
        for item, choice, level in connection.execute(_LEVELS).fetchall():
            levels[item][choice] = level
        compounds = _parts(connection)
        defining = frozenset(item for (item,) in connection.execute(_DEFINING).fetchall())
        counted = [row for query in (_NEEDS, _SERVICES) for row in connection.execute(query, {"wave": wave}).fetchall()]
    asked = frozenset((cell.key.cohort, cell.key.item) for cell in cells)
    cohorts = {cell.key.cohort for cell in cells}
    inside = tuple(pair for pair in nested if {*pair} <= cohorts)
    simple = ConfidentialCube(tuple(cells), inside, levels, compounds, asked, defining)
    sizes = {(cell.key.cohort, cell.key.dimension, cell.key.member): cell.members_n for cell in cells}
    own = [
        Cell(key, n, base_n, base_n, sizes[key.cohort, key.dimension, key.member], is_multiple=True, is_level=True)
        for cohort, code, dimension, member, n, base_n in counted
        if (key := Key(cohort, code, COMPOUND_CHOICE, dimension, member))
        in simple.sources(cohort, code, dimension, member)
    ]
    return replace(simple, cells=(*simple.cells, *own))


def _parts(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[tuple[str, str], ...]]:
    parts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for query in (_NEED_PARTS, _SERVICE_PARTS):
        for code, item, choice in connection.execute(query).fetchall():
            parts[code].append((item, choice))
    return {code: tuple(found) for code, found in parts.items()}
