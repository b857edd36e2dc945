"""Complementary (secondary) cell suppression: what is published leaves each suppressed cell its protection level.

For each suppressed cell in turn a linear programme, solved by HiGHS, looks for an alternative table: one that agrees
with every published cell, differs in this one by its protection level and costs the fewest further suppressions. The
tables of a wave are linked, and so are the programmes: a cell is one variable in whichever tables it stands (target by
region is region by target), groups add up to their cohort, levels to those that answered, and what cohorts leave by
differencing is a cell too. Public counts that others are subtracted from stay as they are.
Not here: primary suppression (rules.py), the audit of the result (audit.py).
Source: Fischetti and Salazar-González (2000), Statistics and Computing 10; Castro (2012), SORT 36 on such heuristics.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import combinations, product
from types import MappingProxyType
from typing import NamedTuple

from orchestration.disclosure.overlaps import Overlaps, Relation
from orchestration.disclosure.rules import (
    ALL,
    DIFFERENCE,
    Cell,
    Key,
    Reason,
    find_primary_reason,
    get_protection_level,
    is_by_definition,
)
from orchestration.settings import DisclosureLimits

_TOTAL_COST = 100.0
_COMPOUND_PART_FACTOR = 5.0
_SHOWN_EARLIER_FACTOR = 1_000.0
_TOLERANCE = 1e-6

Category = tuple[str, str]
Group = tuple[str, str, str]


@dataclass(frozen=True)
class SuppressionPattern:
    """The suppressed cells of a wave, and the groups whose size is suppressed (cohort, dimension and member).

    `bases` are cohort, item, dimension and member where it is suppressed how many of a group answered.
    """

    cells: Mapping[Key, Reason]
    groups: frozenset[Group]
    bases: frozenset[tuple[str, str, str, str]]


def protect(
    cells: Iterable[Cell],
    overlaps: Overlaps,
    limits: DisclosureLimits,
    defining: Collection[str] = frozenset(),
    conditions: Collection[tuple[str, ...]] = frozenset(),
    compounds: Mapping[str, Sequence[Category]] = MappingProxyType({}),
    shown_earlier: Collection[Key] = frozenset(),
    hidden_earlier: Mapping[Key, Reason] = MappingProxyType({}),
    find_unsafe: Callable[[SuppressionPattern], Collection[Key]] | None = None,
) -> SuppressionPattern:
    """Suppression pattern of a wave: its sensitive cells and their complements.

    `cells` are all cells of the cohorts whose answers are confidential, and open ones that others can be subtracted
    from; `overlaps` says which. Items that are `defining` say who is in a cohort: by groups they would disclose the
    size of the groups of that cohort. Of `conditions`, which all cities of a cohort meet, nothing is told. Choices that
    `compounds` are made of make up other published numbers and are spared where others will do. Cells that an earlier
    public release hid stay suppressed, and one that it showed is no complement while there is another. What
    `find_unsafe`, the audit, says of a pattern is answered by further suppressions, until it finds nothing or all cells
    beside its findings are suppressed.
    """
    every = list(cells)
    judged = [cell for cell in every if not is_by_definition(cell.key, conditions)]
    by_definition = {
        cell.key for cell in every if cell.key.item in defining and cell.key.dimension != ALL and not cell.is_open
    }
    shown = frozenset(shown_earlier)

    def solve(avoided: Collection[Key]) -> _LinkedTables:
        tables = _LinkedTables(judged, overlaps, limits, by_definition)
        tables.spare(compounds)
        tables.avoid(avoided)
        tables.suppress_complements()
        return tables

    # Without regard to earlier releases first: the same counts are suppressed for the same reasons again.
    tables = solve(frozenset())
    if tables.suppressed.keys() & shown:
        tables = min(tables, solve(shown), key=lambda solved: len(solved.suppressed.keys() & shown))

    def get_pattern() -> SuppressionPattern:
        suppressed = tables.suppressed
        bases = [cell.key for cell in judged if not cell.is_level and cell.key in suppressed]
        return SuppressionPattern(
            cells=suppressed | dict.fromkeys(sorted(by_definition), Reason.DERIVED),
            groups=tables.suppressed_groups,
            bases=frozenset((key.cohort, key.item, key.dimension, key.member) for key in bases),
        )

    def satisfy_audit() -> None:
        while find_unsafe is not None and tables.suppress_beside(find_unsafe(get_pattern()), avoided=shown):
            pass

    satisfy_audit()
    if tables.carry_over(hidden_earlier):
        tables.suppress_complements()
        satisfy_audit()
    return get_pattern()


class _Coordinates(NamedTuple):
    """Cohort and categories of a count: one category (a total) or two, of which either may be the group."""

    cohort: str
    categories: tuple[Category, ...]

    @classmethod
    def of(cls, key: Key) -> _Coordinates:
        """Coordinates of a published cell; an item by the dimension of the same name is its total."""
        categories = {(key.item, key.choice)} | ({(key.dimension, key.member)} if key.dimension != ALL else set())
        return cls(key.cohort, tuple(sorted(categories)))


@dataclass
class _LinkedCell:
    """One count of the linked tables: a variable with the published cells that it stands in.

    What two nested cohorts leave is a cell as well, of subtracted `cells`. Alternative tables are known that take the
    count from its nominal value `n` up by `upper_protection` and down by `lower_protection`. The `totals` of its table,
    several for a difference, bound it while they are published. So does the same count of an outer cohort, for none of
    all is none of some: `outers`, with the width that each leaves. An open cell is never suppressed.
    """

    cells: list[Cell]
    is_total: bool
    cost: float
    is_difference: bool = False
    reason: Reason | None = None
    upper_protection: float = 0.0
    lower_protection: float = 0.0
    totals: Sequence[_LinkedCell] = ()
    outers: list[tuple[_LinkedCell, int]] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Nominal value."""
        return self.cells[0].n

    @property
    def is_open(self) -> bool:
        """Whether the count is public by itself."""
        return self.cells[0].is_open

    @property
    def external_bound(self) -> int:
        """Most that anybody takes the count for."""
        return self.cells[0].external_bound

    @cached_property
    def frechet_width(self) -> int:
        """Width of the a-priori interval, which the totals leave."""
        if self.is_total:
            return self.external_bound
        return _get_frechet_width(reduce(_subtract, (total.cells[0] for total in self.totals)), self.cells[0])

    @property
    def width_within_totals(self) -> int:
        """Widest feasibility interval that suppression can give while the totals are published."""
        return self._bound_by_outers(self.frechet_width)

    @property
    def attainable_width(self) -> int:
        """Widest feasibility interval that suppression can give: the wider, the more totals are suppressed as well."""
        gained = sum(total.attainable_width for total in self.totals if total.reason)
        return self._bound_by_outers(min(self.frechet_width + gained, self.external_bound))

    def _bound_by_outers(self, width: int) -> int:
        return min([width, *(left for outer, left in self.outers if not outer.reason)])


class _LinkedTables:
    """All tables of a wave: an item by a dimension in a cohort is one, and they share cells."""

    def __init__(
        self, cells: Sequence[Cell], overlaps: Overlaps, limits: DisclosureLimits, by_definition: Collection[Key]
    ) -> None:
        self.limits = limits
        self.overlaps = overlaps
        self.compounds: Mapping[str, Sequence[Category]] = {}
        self.dimensions = sorted({cell.key.dimension for cell in cells} - {ALL})
        self.multiples = {cell.key.item for cell in cells if cell.is_multiple}
        self.cells: dict[_Coordinates, _LinkedCell] = {}
        self.by_key: dict[Key, _LinkedCell] = {}
        self.differences: dict[_Coordinates, _LinkedCell] = {}
        # Choices in the order of the cells, each once; those of a dimension are its groups.
        groups: dict[str, dict[str, None]] = defaultdict(dict)
        self.choices: dict[str, dict[str, None]] = defaultdict(dict)
        for cell in cells:
            groups[cell.key.dimension][cell.key.member] = None
        for cell in cells:
            key = cell.key
            if (cell.is_level or key.choice in groups[key.item]) and key.item != key.dimension:
                self.choices[key.item][key.choice] = None
                self._add(cell)
        self.choices.update({dimension: groups[dimension] for dimension in self.dimensions})
        self.cohorts = sorted({cohort for cohort, _ in self.cells})
        for linked in self.cells.values():
            if not linked.is_total:
                linked.totals = [self._get_total(linked.cells[0].key)]
        for key in by_definition & self.by_key.keys():
            linked = self.by_key[key]
            linked.reason = linked.reason or Reason.DERIVED
        for relation, categories in self.list_relations(self.cells):
            self._add_difference(relation, categories)

    def list_relations(self, counts: Iterable[_Coordinates]) -> Iterator[tuple[Relation, tuple[Category, ...]]]:
        """How counts add up over cohorts: each relation with the categories that it holds of."""
        found: dict[Relation, list[tuple[Category, ...]]] = defaultdict(list)
        for categories in dict.fromkeys(coordinates.categories for coordinates in counts):
            for relation in self.overlaps.list_relations(item for item, _ in categories):
                found[relation].append(categories)
        for relation, own in found.items():
            yield from ((relation, categories) for categories in own)

    def find(self, cohort: str, categories: tuple[Category, ...]) -> _LinkedCell | None:
        """The count of a cohort, or of a difference."""
        coordinates = _Coordinates(cohort, categories)
        return self.cells.get(coordinates) or self.differences.get(coordinates)

    def _add(self, cell: Cell) -> None:
        coordinates = _Coordinates.of(cell.key)
        is_total = len(coordinates.categories) == 1
        cost = (1 + cell.n / 10) * (_TOTAL_COST if is_total else 1.0)
        linked = self.cells.setdefault(coordinates, _LinkedCell([], is_total, cost))
        linked.cells.append(cell)
        if linked.n != cell.n:
            other = linked.cells[0].key
            raise ValueError(f"{cell.key}: {cell.n} responses, but {linked.n} in {other}, which counts the same")
        if cell.is_open != linked.is_open:
            other = linked.cells[0].key
            raise ValueError(f"{cell.key} and {other} count the same, and one of them alone is open")
        linked.reason = linked.reason or self._find_reason(cell)
        self.by_key[cell.key] = linked

    def _find_reason(self, cell: Cell) -> Reason | None:
        if cell.is_open:
            return None
        answered_n = cell.answered_n if cell.is_level else cell.base_n
        return find_primary_reason(cell.n, cell.base_n, answered_n, is_multiple=cell.is_multiple, limits=self.limits)

    def _get_total(self, key: Key) -> _LinkedCell:
        return self.by_key[key._replace(dimension=ALL, member=ALL)]

    def _add_difference(self, relation: Relation, categories: tuple[Category, ...]) -> None:
        name = relation.parts[-1]
        outer, inner, rest = (self.find(cohort, categories) for cohort in (relation.whole, relation.parts[0], name))
        if outer is None or inner is None:
            return
        if rest is None and DIFFERENCE in name:
            rest = self.differences[_Coordinates(name, categories)] = self._make_difference(name, outer, inner)
        # Of two parts each could be all of the whole; a whole of one part is that.
        if rest is not inner and not outer.is_difference:
            for linked in filter(None, (inner, rest)):
                linked.outers.append((outer, _get_frechet_width(outer.cells[0], linked.cells[0])))

    def _make_difference(self, name: str, outer: _LinkedCell, inner: _LinkedCell) -> _LinkedCell:
        own = {cell.key._replace(cohort=""): cell for cell in inner.cells}
        # An inner cohort has no cells of a group in which it has nobody.
        matches = [own.get(cell.key._replace(cohort="")) or _empty(cell) for cell in outer.cells]
        is_open = outer.is_open and not self.overlaps.is_told_by_answers(name)
        cells = [
            _subtract(*both)._replace(key=both[0].key._replace(cohort=name), is_open=is_open)
            for both in zip(outer.cells, matches, strict=True)
        ]
        difference = _LinkedCell(cells, outer.is_total, cost=0.0, is_difference=True)
        difference.reason = next(filter(None, map(self._find_reason, cells)), None)
        if not outer.is_total:
            difference.totals = [total for linked in (outer, inner) for total in linked.totals]
        return difference

    def spare(self, compounds: Mapping[str, Sequence[Category]]) -> None:
        """Make cells that compounds are made of dearer."""
        self.compounds = compounds
        parts = {part for own in compounds.values() for part in own}
        for coordinates, linked in self.cells.items():
            if any(category in parts for category in coordinates.categories):
                linked.cost *= _COMPOUND_PART_FACTOR

    def avoid(self, keys: Collection[Key]) -> None:
        """Make some cells the last that are suppressed."""
        for key in keys & self.by_key.keys():
            self.by_key[key].cost *= _SHOWN_EARLIER_FACTOR

    def carry_over(self, reasons: Mapping[Key, Reason]) -> bool:
        """Suppress what an earlier release suppressed and this one would not; whether there is such a cell."""
        is_changed = False
        for key, reason in reasons.items():
            linked = self.by_key.get(key)
            if linked is None or linked.is_open:
                continue
            if linked.reason is None and reason is not Reason.DERIVED:
                linked.reason = Reason.COMPLEMENT if reason is Reason.COMPLEMENT else Reason.EARLIER_RELEASE
                is_changed = True
        return is_changed

    @property
    def suppressed(self) -> dict[Key, Reason]:
        """Cells that are suppressed so far."""
        return {key: linked.reason for key, linked in self.by_key.items() if linked.reason}

    @property
    def suppressed_groups(self) -> frozenset[Group]:
        """Groups whose size is suppressed so far."""
        return frozenset(
            (cohort, *categories[0])
            for (cohort, categories), linked in self.cells.items()
            if linked.reason and linked.is_total and categories[0][0] in self.dimensions
        )

    def suppress_beside(self, unsafe: Collection[Key], avoided: Collection[Key]) -> bool:
        """Suppress for each unsafe cell the cheapest shown one that it adds up with; whether there is any.

        In its group or of its choice first, then anywhere in the table, then in other tables of the item, of the other
        cohorts, and of the items that a compound ties it to.
        """
        chosen = []
        shown_of: dict[str, list[Key]] = defaultdict(list)
        for key, linked in self.by_key.items() if unsafe else ():
            if linked.reason is None and not linked.is_open:
                shown_of[key.item].append(key)
        for key in unsafe:
            shown = [
                (_get_distance(other, key), other in avoided, self.by_key[other].cost, other)
                for item in self._list_linked_items(key.item)
                for other in shown_of.get(item, ())
            ]
            chosen += [min(shown)[-1]] if shown else []
        for key in chosen:
            self.by_key[key].reason = Reason.COMPLEMENT
        if chosen:
            self.suppress_complements({key.item for key in chosen})
        return bool(chosen)

    def _list_linked_items(self, item: str) -> set[str]:
        """An item with those that it adds up with: of dimensions the others, of a compound all that it is made of."""
        ties = [{code, *(own for own, _ in parts)} for code, parts in self.compounds.items()]
        linked = [tie for tie in (*ties, {*self.dimensions}) if item in tie]
        return {item}.union(*linked)

    def suppress_complements(self, changed: Collection[str] | None = None) -> None:
        """Suppress the complements of all that is suppressed, first in the tables of dimensions: sizes of groups.

        Where only the cells of some items have changed, the tables of the others are as they were.
        """
        is_whole = changed is None or bool({*changed} & {*self.dimensions})
        if self.dimensions and is_whole:
            self._suppress_in_dimensions()
        for item in self.choices:
            if item not in self.dimensions and (is_whole or item in (changed or ())):
                self._suppress_in_item(item)

    def _suppress_in_dimensions(self) -> None:
        """Suppress within the tables of dimensions by dimensions, and then all cells of a group of suppressed size."""
        whole = _SuppressionProblem(self, self._list_categories(self.dimensions), self.dimensions, totals_vary=True)
        whole.protect()
        groups = self.suppressed_groups
        for (cohort, *_, dimension, member), linked in self.by_key.items():
            if (cohort, dimension, member) in groups:
                linked.reason = linked.reason or (None if linked.is_open else Reason.GROUP_SIZE)
        pairs = combinations(self.dimensions, 2)
        self._protect_tables([(self._list_categories([item]), dimension) for item, dimension in pairs], whole)

    def _suppress_in_item(self, item: str) -> None:
        """Suppress within the tables of an item by the dimensions; each choice of several is an item of its own."""
        categories = self._list_categories([item])
        for own in [[category] for category in categories] if item in self.multiples else [categories]:
            whole = _SuppressionProblem(self, own, self.dimensions, totals_vary=True)
            whole.protect()
            self._protect_tables([(own, dimension) for dimension in self.dimensions], whole)

    def _protect_tables(self, tables: Sequence[tuple[Sequence[Category], str]], whole: _SuppressionProblem) -> None:
        """Protect the cells of each table within its totals, and where that is not enough, in all tables together."""
        problems = [_SuppressionProblem(self, own, [dimension], totals_vary=False) for own, dimension in tables]
        are_safe = [problem.protect() for problem in problems]
        if not all(are_safe):
            whole.protect_everything()

    def _list_categories(self, items: Sequence[str]) -> list[Category]:
        return [(item, choice) for item in items for choice in self.choices[item]]


class _SuppressionProblem:
    """Cell suppression in some of the linked tables: which cells may vary, and how they add up.

    With totals that vary, the totals of the categories are protected, else their counts in the groups.
    """

    def __init__(
        self, tables: _LinkedTables, categories: Sequence[Category], dimensions: Sequence[str], *, totals_vary: bool
    ) -> None:
        self.tables = tables
        self.categories = categories
        self.adds_up = categories[0][0] not in tables.multiples
        self.totals_vary = totals_vary
        self.cells: list[_LinkedCell] = []
        self.variables: dict[_Coordinates, int] = {}
        # Each the variables, with their signs, of which the changes add up to 0.
        self.constraints: list[list[tuple[int, float]]] = []
        for cohort in tables.cohorts:
            if totals_vary:
                self._add_totals(cohort)
            for dimension in dimensions:
                self._add_groups(cohort, dimension)
        for relation, categories in tables.list_relations(self.variables):
            self._add_relation(relation, categories)

    def protect_everything(self) -> None:
        """Protect totals and groups, for those that could not be protected within their totals.

        Once more after a total was suppressed, which leaves the counts of its groups a wider interval.
        """
        suppressed_n = None
        while not self.protect(everything=True) and suppressed_n != self._count_suppressed():
            suppressed_n = self._count_suppressed()

    def _count_suppressed(self) -> int:
        return sum(bool(cell.reason) for cell in self.cells)

    def protect(self, *, everything: bool = False) -> bool:
        """Suppress the complements of the totals or of the groups; whether each cell has its protection level now."""
        solver = None
        for variable, cell in enumerate(self.cells):
            if cell.reason and (everything or cell.is_total == self.totals_vary):
                # Towards the farther external bound first; the other way is needed only for what that leaves.
                for is_up in (2 * cell.n <= cell.external_bound, 2 * cell.n > cell.external_bound):
                    width = cell.attainable_width if self.totals_vary else cell.width_within_totals
                    if (lacking := self._get_lacking_protection(cell, width)) > _TOLERANCE:
                        solver = solver or _Solver(self)
                        protection = cell.upper_protection if is_up else cell.lower_protection
                        self._suppress(solver, solver.find_changes(variable, protection + lacking, is_up=is_up))
        return all(
            self._get_lacking_protection(cell, cell.attainable_width) <= _TOLERANCE
            for cell in self.cells
            if cell.reason
        )

    def _get_lacking_protection(self, cell: _LinkedCell, attainable_width: int) -> float:
        level = min(get_protection_level(cell.reason, self.tables.limits), attainable_width)
        return level - cell.upper_protection - cell.lower_protection

    def _suppress(self, solver: _Solver, changes: Mapping[int, float]) -> None:
        """Suppress all that an alternative table changes, and keep how far it takes each cell."""
        for variable, change in changes.items():
            cell = self.cells[variable]
            # A count changes by whole numbers: half a city is no protection.
            cell.upper_protection = max(cell.upper_protection, math.floor(change + _TOLERANCE))
            cell.lower_protection = max(cell.lower_protection, math.floor(_TOLERANCE - change))
            if cell.reason is None and not cell.is_difference:
                cell.reason = Reason.COMPLEMENT
                solver.set_free(variable)

    def _add_totals(self, cohort: str) -> None:
        by_item: dict[str, list[int | None]] = defaultdict(list)
        for category in self.categories:
            by_item[category[0]].append(self._find_variable(_Coordinates(cohort, (category,))))
        if self.adds_up:
            for totals in by_item.values():
                self._add_constraint(totals)

    def _add_groups(self, cohort: str, dimension: str) -> None:
        members = [(dimension, member) for member in self.tables.choices[dimension]]
        categories = [category for category in self.categories if category[0] != dimension]
        table = {
            (category, member): self._find_variable(_Coordinates(cohort, tuple(sorted((category, member)))))
            for category in categories
            for member in members
        }
        for category in categories:
            total = self.variables.get(_Coordinates(cohort, (category,)))
            self._add_constraint([table[category, member] for member in members], total)
        if self.adds_up:
            for item, member in product(dict.fromkeys(item for item, _ in categories), members):
                total = self.variables.get(_Coordinates(cohort, (member,)))
                self._add_constraint([table[category, member] for category in categories if category[0] == item], total)

    def _add_relation(self, relation: Relation, categories: tuple[Category, ...]) -> None:
        whole, *parts = (self._find_known(_Coordinates(name, categories)) for name in (relation.whole, *relation.parts))
        if whole is not None and None not in parts:
            self._add_constraint(parts, whole)

    def _find_known(self, coordinates: _Coordinates) -> int | None:
        """Variable of a count that is in the problem already, or of a difference."""
        if coordinates not in self.variables and (cell := self.tables.differences.get(coordinates)) is not None:
            self.variables[coordinates] = self._add_variable(cell)
        return self.variables.get(coordinates)

    def _find_variable(self, coordinates: _Coordinates) -> int | None:
        """Variable of a count, added with its first use; None where the cohort was not asked."""
        known = self.variables.get(coordinates)
        if known is None and (cell := self.tables.cells.get(coordinates)) is not None:
            known = self.variables[coordinates] = self._add_variable(cell)
        return known

    def _add_variable(self, cell: _LinkedCell) -> int:
        self.cells.append(cell)
        return len(self.cells) - 1

    def _add_constraint(self, parts: Iterable[int | None], total: int | None = None) -> None:
        terms = [(part, 1.0) for part in parts if part is not None]
        # A total by itself is bound by nothing.
        if terms:
            self.constraints.append([*terms, *([(total, -1.0)] if total is not None else [])])


class _Solver:
    """HiGHS on the constraints of a problem, asked again and again with one cell pushed.

    The change of a cell is two columns, its increase and its decrease, so that both cost.
    """

    def __init__(self, problem: _SuppressionProblem) -> None:
        import highspy
        import numpy as np

        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self.highs.setOptionValue(option, value)
        self.optimal = highspy.HighsModelStatus.kOptimal
        self.costs = [cost for cell in problem.cells for cost in [0.0 if cell.reason else cell.cost] * 2]
        # What adds up is bounded by its sum, which may itself change.
        self.upper = [
            0.0 if cell.is_open and not cell.is_difference else bound
            for cell in problem.cells
            for bound in (cell.external_bound - cell.n if cell.cells[0].is_multiple else highspy.kHighsInf, cell.n)
        ]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.costs), len(problem.constraints)
        model.col_cost_, model.col_lower_, model.col_upper_ = self.costs, np.zeros(len(self.upper)), self.upper
        model.row_lower_ = model.row_upper_ = np.zeros(len(problem.constraints))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(2 * len(terms) for terms in problem.constraints)])
        terms = [term for terms in problem.constraints for term in terms]
        model.a_matrix_.index_ = [column for variable, _ in terms for column in _columns(variable)]
        model.a_matrix_.value_ = [coefficient for _, sign in terms for coefficient in (sign, -sign)]
        self.highs.passModel(model)

    def set_free(self, variable: int) -> None:
        """A cell that is suppressed costs nothing more."""
        for column in _columns(variable):
            self.costs[column] = 0.0
            self.highs.changeColCost(column, 0.0)

    def find_changes(self, variable: int, amount: float, *, is_up: bool) -> dict[int, float]:
        """Cheapest alternative table in which a cell changes by the amount, or as far as published cells let it."""
        import numpy as np

        column, opposite = _columns(variable) if is_up else _columns(variable)[::-1]
        self.highs.changeColBounds(opposite, 0.0, 0.0)
        is_found = self._solve_with(column, amount)
        if not is_found:
            farthest = self._find_farthest(column, amount)
            is_found = farthest > _TOLERANCE and self._solve_with(column, farthest)
        changes: dict[int, float] = {}
        if is_found:
            values = np.array(self.highs.getSolution().col_value)
            net = values[::2] - values[1::2]
            changes = {int(other): float(net[other]) for other in np.flatnonzero(abs(net) > _TOLERANCE)}
        for changed in (column, opposite):
            self.highs.changeColBounds(changed, 0.0, self.upper[changed])
        return changes

    def _solve_with(self, column: int, amount: float) -> bool:
        if amount > self.upper[column]:
            return False
        self.highs.changeColBounds(column, amount, amount)
        self.highs.run()
        return bool(self.highs.getModelStatus() == self.optimal)

    def _find_farthest(self, column: int, amount: float) -> float:
        """The attacker's problem within the amount: how far the cell can be from its nominal value, at any cost."""
        self.highs.changeColBounds(column, 0.0, min(amount, self.upper[column]))
        costly = [other for other, cost in enumerate(self.costs) if cost]
        for other in costly:
            self.highs.changeColCost(other, 0.0)
        self.highs.changeColCost(column, -1.0)
        self.highs.run()
        farthest = float(self.highs.getSolution().col_value[column])
        for other in (column, *costly):
            self.highs.changeColCost(other, self.costs[other])
        return farthest


def _get_distance(other: Key, key: Key) -> tuple[bool, bool, int]:
    """How far a cell is from another: of another item or cohort, in another table, in another row and column.

    An unsafe difference of two cohorts is named by both.
    """
    place = int(other.member != key.member and other.choice != key.choice)
    if other.dimension != key.dimension:
        place = 2 if other.dimension == ALL else 3
    return other.item != key.item, other.cohort not in key.cohort.split(DIFFERENCE), place


def _columns(variable: int) -> tuple[int, int]:
    return 2 * variable, 2 * variable + 1


def _empty(cell: Cell) -> Cell:
    return cell._replace(n=0, base_n=0, answered_n=0)


def _subtract(outer: Cell, inner: Cell) -> Cell:
    counts = {name: getattr(outer, name) - getattr(inner, name) for name in ("n", "base_n", "answered_n")}
    return outer._replace(**counts)


def _get_frechet_width(total: Cell, cell: Cell) -> int:
    """Width of the Fréchet bounds: what a total alone tells of a cell."""
    size, whole = cell.external_bound, total.external_bound
    return min(total.n, size) - max(0, total.n + size - whole)
