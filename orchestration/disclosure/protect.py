"""Complementary suppression: no hidden cell can be computed from the cells that are shown.

For each hidden cell a second table is looked for that shows the same numbers wherever numbers are shown and another
one in this cell, at the least cost of further hidden cells: a linear programme, solved by HiGHS. The tables of a wave
hang together, and so do the programmes: a cell is one quantity wherever it stands (target by region is region by
target), groups sum to their cohort, levels to those that answered, and what two nested cohorts leave is a cell too.
Not here: which cells are hidden by themselves (rules.py), whether the result holds (audit.py).
Source: Fischetti and Salazar-González (2000), Statistics and Computing 10; Castro (2012), SORT 36 on such heuristics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, product
from types import MappingProxyType
from typing import NamedTuple

from orchestration.disclosure.rules import Cell, Key, Reason, needed_width, primary_reason
from orchestration.settings import DisclosureLimits

ALL = "all"
_TOTAL_COST = 100.0
_TOLD_BY_OTHERS_FACTOR = 5.0
_SHOWN_EARLIER_FACTOR = 1_000.0
_NOTHING = 1e-6

Place = tuple[str, str]


class Quantity(NamedTuple):
    """A count that stands in one or more cells: responses of a cohort at one place (a total) or at two."""

    cohort: str
    places: tuple[Place, ...]


class Nested(NamedTuple):
    """Two cohorts of which the outer holds every response of the inner."""

    outer: str
    inner: str


@dataclass(frozen=True)
class Protection:
    """The cells of a wave that are not shown, and the groups whose size is not.

    Groups are told by cohort, dimension and member; `hidden_bases` by cohort, item, dimension and member where how
    many of a group answered is hidden. `exposed` are cells that an earlier release shows and that could not be spared.
    """

    hidden: Mapping[Key, Reason]
    hidden_groups: frozenset[tuple[str, str, str]]
    hidden_bases: frozenset[tuple[str, str, str, str]]
    exposed: frozenset[Key]


def protect(
    cells: Iterable[Cell],
    nested: Collection[Nested],
    limits: DisclosureLimits,
    defining: Collection[str] = frozenset(),
    told_by_others: Collection[Place] = frozenset(),
    shown_earlier: Collection[Key] = frozenset(),
    hidden_earlier: Mapping[Key, Reason] = MappingProxyType({}),
) -> Protection:
    """Hidden cells of a wave: those that tell by themselves, and their complements.

    `cells` are all cells of the cohorts whose answers are confidential; `nested` their nested cohorts. Items that
    are `defining` say who is in a cohort: by groups they would tell the size of the groups of that cohort. Choices
    `told_by_others` make up other published numbers and are spared where others will do. Cells that an earlier public
    release hid stay hidden, and one that it showed is no complement while there is another.
    """
    every = list(cells)
    shown = frozenset(shown_earlier)

    def solved(avoided: Collection[Key]) -> _Cube:
        cube = _Cube([cell for cell in every if cell.key.item not in defining], nested, limits)
        cube.spare(told_by_others)
        cube.avoid(avoided)
        cube.hide()
        return cube

    # Without regard to earlier releases first: the same counts are hidden for the same reasons again.
    cube = solved(frozenset())
    if cube.hidden_keys() & shown:
        cube = min(cube, solved(shown), key=lambda found: len(found.hidden_keys() & shown))
    if cube.keep(hidden_earlier):
        cube.hide()
    by_definition = [cell.key for cell in every if cell.key.item in defining and cell.key.dimension != ALL]
    return cube.protection(dict.fromkeys(by_definition, Reason.DERIVED), shown)


@dataclass
class _Count:
    """A quantity with its cells; `up` and `down` are how far other tables that show the same take it.

    `room` is how far any could while the `totals` of its place are shown, `widest_room` whatever is hidden. The same
    count of an outer cohort leaves it less while it is shown, for none of all is none of some: `outers`, with what each
    leaves.
    """

    n: int
    base_n: int
    answered_n: int
    is_multiple: bool
    cells: list[Cell] = field(default_factory=list)
    reason: Reason | None = None
    cost: float = 1.0
    room: int = 0
    widest_room: int = 0
    totals: tuple[_Count, ...] = ()
    outers: list[tuple[_Count, int]] = field(default_factory=list)
    up: float = 0.0
    down: float = 0.0

    is_total: bool = False

    @property
    def keys(self) -> list[Key]:
        """Where the count stands in the cube; empty for what two cohorts leave."""
        return [cell.key for cell in self.cells]

    @property
    def counted_n(self) -> int:
        """Responses that could be in the count."""
        return self.base_n if self.is_multiple else self.answered_n


class _Cube:
    def __init__(self, cells: Sequence[Cell], nested: Collection[Nested], limits: DisclosureLimits) -> None:
        self.limits = limits
        self.nested = sorted(nested)
        self.dimensions = sorted({cell.key.dimension for cell in cells} - {ALL})
        self.counts: dict[Quantity, _Count] = {}
        self.rests: dict[tuple[Nested, tuple[Place, ...]], _Count] = {}
        self.members: dict[str, dict[str, None]] = defaultdict(dict)
        self.choices: dict[str, dict[str, None]] = defaultdict(dict)
        self.multiples = {cell.key.item for cell in cells if cell.is_multiple}
        self.without_answer = {cell.key for cell in cells if not cell.is_level}
        for cell in cells:
            self.members[cell.key.dimension][cell.key.member] = None
        for cell in cells:
            self._add(cell)
        for quantity, count in self.counts.items():
            count.is_total = len(quantity.places) == 1
            count.room, count.widest_room = self._room(quantity, count), count.counted_n
            count.totals = () if count.is_total else (self._total(quantity.cohort, count.keys[0]),)
        for pair in self.nested:
            self._limit_by_outer(pair)

    def _add(self, cell: Cell) -> None:
        key = cell.key
        if not (cell.is_level or key.choice in self.members[key.item]) or key.item == key.dimension:
            return
        count = self.counts.setdefault(quantity_of(key), _Count(cell.n, cell.base_n, cell.answered_n, cell.is_multiple))
        if count.n != cell.n:
            raise ValueError(f"{key}: {cell.n} responses, but {count.n} in {count.keys[0]}, which counts the same")
        count.cells.append(cell)
        count.cost = (1 + cell.n / 10) * (_TOTAL_COST if key.dimension == ALL else 1.0)
        self.choices[key.item][key.choice] = None
        count.reason = count.reason or self._reason(cell)

    def _reason(self, cell: Cell) -> Reason | None:
        answered_n = cell.answered_n if cell.is_level else cell.base_n
        return primary_reason(cell.n, cell.base_n, answered_n, is_multiple=cell.is_multiple, limits=self.limits)

    def _room(self, quantity: Quantity, count: _Count) -> int:
        """Width of what the totals alone say of a count (Fréchet's bounds)."""
        if len(quantity.places) == 1:
            return count.counted_n
        total = self._total(quantity.cohort, count.keys[0])
        return _frechet_width(total.n, count.counted_n, total.counted_n)

    def _total(self, cohort: str, key: Key) -> _Count:
        return self.counts[Quantity(cohort, ((key.item, key.choice),))]

    def _limit_by_outer(self, nested: Nested) -> None:
        for quantity, inner in self.counts.items():
            outer = self.counts.get(Quantity(nested.outer, quantity.places))
            if quantity.cohort == nested.inner and outer is not None:
                inner.outers.append((outer, _told_room(outer, inner)))

    def rest(self, nested: Nested, places: tuple[Place, ...]) -> _Count:
        """What two nested cohorts leave at a place: a count of its own, since everybody can subtract."""
        if (known := self.rests.get((nested, places))) is not None:
            return known
        outer, inner = (self.counts[Quantity(cohort, places)] for cohort in nested)
        rest = self.rests[nested, places] = _less(outer, inner)
        reasons = (self._reason(_cell_less(*cells)) for cells in zip(outer.cells, inner.cells, strict=True))
        rest.reason = next(filter(None, reasons), None)
        rest.room, rest.widest_room, rest.is_total = rest.counted_n, rest.counted_n, len(places) == 1
        rest.outers.append((outer, _told_room(outer, inner)))
        if len(places) > 1:
            rest.totals = tuple(self._total(cohort, outer.keys[0]) for cohort in nested)
            total = _less(*rest.totals)
            rest.room = _frechet_width(total.n, rest.counted_n, total.counted_n)
        return rest

    def hide(self) -> None:
        """Hide the complements of all that is hidden."""
        self.hide_dimensions()
        self.hide_items()

    def keep(self, reasons: Mapping[Key, Reason]) -> bool:
        """Hide what an earlier release hid and this one would not; whether there is any."""
        kept = False
        for key, reason in reasons.items():
            count = self.counts.get(quantity_of(key))
            if count is not None and count.reason is None and key in count.keys and reason is not Reason.DERIVED:
                count.reason = Reason.COMPLEMENT if reason is Reason.COMPLEMENT else Reason.EARLIER_RELEASE
                kept = True
        return kept

    def hidden_keys(self) -> frozenset[Key]:
        """Cells that are hidden so far."""
        return frozenset(key for count in self.counts.values() if count.reason for key in count.keys)

    def spare(self, places: Collection[Place]) -> None:
        for quantity, count in self.counts.items():
            if any(place in places for place in quantity.places):
                count.cost *= _TOLD_BY_OTHERS_FACTOR

    def avoid(self, keys: Collection[Key]) -> None:
        for key in keys:
            if (count := self.counts.get(quantity_of(key))) is not None and key in count.keys:
                count.cost *= _SHOWN_EARLIER_FACTOR

    def hide_dimensions(self) -> None:
        """Hide within the tables of dimensions by dimensions, and then whatever is told of a group of hidden size."""
        if not self.dimensions:
            return
        _Programme(self, self._places(self.dimensions), self.dimensions, totals_vary=True).protect()
        groups = self.hidden_groups()
        for count in self.counts.values():
            if any((key.cohort, key.dimension, key.member) in groups for key in count.keys):
                count.reason = count.reason or Reason.GROUP_SIZE
        pairs = [
            _Programme(self, self._places([item]), [dimension], totals_vary=False)
            for item, dimension in combinations(self.dimensions, 2)
        ]
        are_safe = [pair.protect() for pair in pairs]
        if not all(are_safe):
            _Programme(self, self._places(self.dimensions), self.dimensions, totals_vary=True).protect_everything()

    def hide_items(self) -> None:
        """Hide within the tables of each other item by the dimensions; each choice of several is a table of its own."""
        for item in self.choices:
            if item in self.dimensions:
                continue
            places = self._places([item])
            for table in [[place] for place in places] if self.is_multiple(item) else [places]:
                _Programme(self, table, self.dimensions, totals_vary=True).protect()
                groups = [_Programme(self, table, [dimension], totals_vary=False) for dimension in self.dimensions]
                are_safe = [programme.protect() for programme in groups]
                if not all(are_safe):
                    _Programme(self, table, self.dimensions, totals_vary=True).protect_everything()

    def _places(self, items: Sequence[str]) -> list[Place]:
        return [
            (item, choice)
            for item in items
            for choice in (self.members[item] if item in self.dimensions else self.choices[item])
        ]

    def is_multiple(self, item: str) -> bool:
        """Whether several choices of an item may be ticked."""
        return item in self.multiples

    def hidden_groups(self) -> frozenset[tuple[str, str, str]]:
        """Cohort, dimension and member of the groups whose size is hidden."""
        return frozenset(
            (quantity.cohort, *quantity.places[0])
            for quantity, count in self.counts.items()
            if count.reason and len(quantity.places) == 1 and quantity.places[0][0] in self.dimensions
        )

    def protection(self, by_definition: Mapping[Key, Reason], shown_earlier: Collection[Key]) -> Protection:
        hidden = dict(by_definition) | {
            key: count.reason for count in self.counts.values() if count.reason for key in count.keys
        }
        bases = frozenset(
            (key.cohort, key.item, key.dimension, key.member) for key in hidden if key in self.without_answer
        )
        return Protection(hidden, self.hidden_groups(), bases, frozenset(shown_earlier) & hidden.keys())

    @cached_property
    def cohorts(self) -> list[str]:
        """Cohorts of the wave."""
        return sorted({quantity.cohort for quantity in self.counts})


class _Programme:
    """Changes of counts that leave every shown number as it is.

    With totals that vary, the totals of the places are protected, else their counts in the groups of the dimensions.
    """

    def __init__(self, cube: _Cube, places: Sequence[Place], dimensions: Sequence[str], *, totals_vary: bool) -> None:
        self.cube = cube
        self.places = places
        self.adds_up = not cube.is_multiple(places[0][0])
        self.totals_vary = totals_vary
        self.moves: list[_Count] = []
        self.rows: list[tuple[list[int], list[float]]] = []
        self.index: dict[Quantity, int] = {}
        for cohort in cube.cohorts:
            if totals_vary:
                self._add_totals(cohort)
            for dimension in dimensions:
                self._add_groups(cohort, dimension)
        for nested in cube.nested:
            self._add_rests(nested)

    def protect_everything(self) -> None:
        """Protect totals and groups, for those that no change within the totals could hide.

        Once more after a total was hidden, which gives the counts of its groups more room.
        """
        hidden_n = None
        while not self.protect(everything=True) and (now := sum(map(_is_hidden, self.moves))) != hidden_n:
            hidden_n = now

    def protect(self, *, everything: bool = False) -> bool:
        """Hide what the wanted counts could be computed from; whether each is uncertain enough."""
        solver = None
        for move, count in enumerate(self.moves):
            if count.reason and (everything or count.is_total == self.totals_vary):
                for is_up in (2 * count.n <= count.counted_n, 2 * count.n > count.counted_n):
                    if (missing := self._missing(count, totals_vary=self.totals_vary)) > _NOTHING:
                        solver = solver or _Solver(self)
                        reached = count.up if is_up else count.down
                        self._hide(solver, solver.changes(move, reached + missing, is_up=is_up))
        return all(self._missing(count, totals_vary=True) <= _NOTHING for count in self.moves)

    def _missing(self, count: _Count, *, totals_vary: bool) -> float:
        room = _room(count) if totals_vary else _room_within(count, count.room)
        return min(needed_width(count.reason, self.cube.limits), room) - count.up - count.down

    def _hide(self, solver: _Solver, changes: Mapping[int, float]) -> None:
        for move, change in changes.items():
            count = self.moves[move]
            count.up, count.down = max(count.up, change), max(count.down, -change)
            if count.reason is None and count.keys:
                count.reason = Reason.COMPLEMENT
                solver.make_free(move)

    def _add_totals(self, cohort: str) -> None:
        by_item: dict[str, list[int | None]] = defaultdict(list)
        for place in self.places:
            by_item[place[0]].append(self._variable(Quantity(cohort, (place,))))
        if self.adds_up:
            for totals in by_item.values():
                self._add_row(totals)

    def _add_groups(self, cohort: str, dimension: str) -> None:
        members = [(dimension, member) for member in self.cube.members[dimension]]
        places = [place for place in self.places if place[0] != dimension]
        table = {
            (place, member): self._variable(Quantity(cohort, tuple(sorted((place, member)))))
            for place in places
            for member in members
        }
        for place in places:
            self._add_row([table[place, member] for member in members], self.index.get(Quantity(cohort, (place,))))
        if self.adds_up:
            for item, member in product(dict.fromkeys(item for item, _ in places), members):
                own = [table[place, member] for place in places if place[0] == item]
                self._add_row(own, self.index.get(Quantity(cohort, (member,))))

    def _variable(self, quantity: Quantity) -> int | None:
        """Move of a count; None where the cohort was not asked."""
        if quantity in self.index:
            return self.index[quantity]
        count = self.cube.counts.get(quantity)
        return None if count is None else self._add_move(quantity, count)

    def _add_move(self, quantity: Quantity, count: _Count) -> int:
        self.index[quantity] = len(self.moves)
        self.moves.append(count)
        return self.index[quantity]

    def _add_row(self, moves: Iterable[int | None], total: int | None = None) -> None:
        terms = [(move, 1.0) for move in moves if move is not None]
        terms += [(total, -1.0)] if total is not None else []
        if terms:
            columns = [column for move, _ in terms for column in _columns(move)]
            self.rows.append((columns, [signed for _, sign in terms for signed in (sign, -sign)]))

    def _add_rests(self, nested: Nested) -> None:
        for quantity, outer in list(self.index.items()):
            inner = self.index.get(Quantity(nested.inner, quantity.places))
            if quantity.cohort == nested.outer and inner is not None:
                move = self._add_move(
                    Quantity(f"{nested.outer} without {nested.inner}", quantity.places),
                    self.cube.rest(nested, quantity.places),
                )
                self._add_row([inner, move], outer)


class _Solver:
    """HiGHS on the rows of a programme, asked again and again with one count pushed."""

    def __init__(self, programme: _Programme) -> None:
        import highspy
        import numpy as np

        counts = programme.moves
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self.highs.setOptionValue(option, value)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * len(counts), len(programme.rows)
        self.costs = [cost for count in counts for cost in [0.0 if count.reason else count.cost] * 2]
        # What adds up is bounded by its sum, which may itself change.
        self.upper = [
            bound
            for count in counts
            for bound in (count.base_n - count.n if count.is_multiple else highspy.kHighsInf, count.n)
        ]
        model.col_cost_, model.col_lower_, model.col_upper_ = self.costs, np.zeros(len(self.upper)), self.upper
        model.row_lower_ = model.row_upper_ = np.zeros(len(programme.rows))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(columns) for columns, _ in programme.rows)])
        model.a_matrix_.index_ = [column for columns, _ in programme.rows for column in columns]
        model.a_matrix_.value_ = [sign for _, signs in programme.rows for sign in signs]
        self.highs.passModel(model)
        self.solved = highspy.HighsModelStatus.kOptimal

    def make_free(self, move: int) -> None:
        """A count that is hidden costs nothing more."""
        for column in _columns(move):
            self.costs[column] = 0.0
            self.highs.changeColCost(column, 0.0)

    def changes(self, move: int, amount: float, *, is_up: bool) -> dict[int, float]:
        """Cheapest changes that push a count by the amount, or as far as the shown numbers let it."""
        import numpy as np

        column, opposite = _columns(move) if is_up else _columns(move)[::-1]
        self.highs.changeColBounds(opposite, 0.0, 0.0)
        is_reached = self._runs_with(column, amount)
        if not is_reached:
            farthest = self._farthest(column, amount)
            is_reached = farthest > _NOTHING and self._runs_with(column, farthest)
        found: dict[int, float] = {}
        if is_reached:
            values = np.array(self.highs.getSolution().col_value)
            moved = values[::2] - values[1::2]
            found = {int(other): float(moved[other]) for other in np.flatnonzero(abs(moved) > _NOTHING)}
        for changed in (column, opposite):
            self.highs.changeColBounds(changed, 0.0, self.upper[changed])
        return found

    def _runs_with(self, column: int, amount: float) -> bool:
        if amount > self.upper[column]:
            return False
        self.highs.changeColBounds(column, amount, amount)
        self.highs.run()
        return bool(self.highs.getModelStatus() == self.solved)

    def _farthest(self, column: int, amount: float) -> float:
        self.highs.changeColBounds(column, 0.0, min(amount, self.upper[column]))
        for other, cost in enumerate(self.costs):
            if cost:
                self.highs.changeColCost(other, 0.0)
        self.highs.changeColCost(column, -1.0)
        self.highs.run()
        reached = float(self.highs.getSolution().col_value[column])
        self.highs.changeColCost(column, self.costs[column])
        for other, cost in enumerate(self.costs):
            if cost:
                self.highs.changeColCost(other, cost)
        return reached


def quantity_of(key: Key) -> Quantity:
    """The quantity that a cell shows; an item by the dimension of the same name is its total."""
    places = {(key.item, key.choice)} | ({(key.dimension, key.member)} if key.dimension != ALL else set())
    return Quantity(key.cohort, tuple(sorted(places)))


def _room(count: _Count) -> int:
    """How far a count could be another one: what the totals leave, and more where one of them is hidden itself."""
    hidden = sum(_room(total) for total in count.totals if _is_hidden(total))
    return _room_within(count, min(count.room + hidden, count.widest_room))


def _room_within(count: _Count, room: int) -> int:
    return min([room, *(told for outer, told in count.outers if not _is_hidden(outer))])


def _is_hidden(count: _Count) -> bool:
    return count.reason is not None


def _columns(move: int) -> tuple[int, int]:
    return 2 * move, 2 * move + 1


def _less(outer: _Count, inner: _Count) -> _Count:
    return _Count(
        outer.n - inner.n, outer.base_n - inner.base_n, outer.answered_n - inner.answered_n, outer.is_multiple, cost=0.0
    )


def _told_room(outer: _Count, inner: _Count) -> int:
    return min(outer.n, inner.counted_n) - max(0, outer.n - (outer.counted_n - inner.counted_n))


def _cell_less(outer: Cell, inner: Cell) -> Cell:
    return outer._replace(
        n=outer.n - inner.n, base_n=outer.base_n - inner.base_n, answered_n=outer.answered_n - inner.answered_n
    )


def _frechet_width(total: int, size: int, whole: int) -> int:
    return min(total, size) - max(0, total + size - whole)
