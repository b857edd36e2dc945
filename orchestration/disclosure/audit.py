"""What an intruder can find out of the hidden cells of a public cube, by the audit of τ-Argus.

The counts of an item, by all dimensions and of all cohorts, are written as one system of linear equations in τ-Argus's
own format, with everything known that the public files show; its solver tells the least and the greatest value that
each hidden count can have. Here: the equations, made from the published files alone. Not here: hiding (protect.py).
Source: de Wolf and others, τ-Argus user's manual, audit; pytauargus is an independent build of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.protect import ALL, Nested
from orchestration.disclosure.rules import Key, Reason, needed_width, primary_reason
from orchestration.settings import DisclosureLimits

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN, _HIDDEN = "s", "u"
_TOLERANCE = 1e-6


class Interval(NamedTuple):
    """What an intruder knows of a hidden count: it lies between `low` and `high`; `needed` is the least width."""

    key: Key
    low: int
    high: int
    needed: float


class _Node(NamedTuple):
    """A count: responses with an answer (`choice`), or of a group those that did and did not answer and all."""

    key: Key
    kind: str = "answer"


_Sum = tuple[list[_Node], _Node]
_Ends = tuple[int, int]


@dataclass(frozen=True)
class Audit:
    """What the audit of a public cube found: its size, and the intervals that are too narrow."""

    cells_n: int
    hidden_n: int
    narrow: tuple[Interval, ...]


def audit(
    internal: pa.Table,
    public: pa.Table,
    cube: ConfidentialCube,
    limits: DisclosureLimits,
    *,
    is_linked: bool,
) -> Audit:
    """Audit the public cube of a wave; both tables are `gap_cube`, of which the confidential cohorts are audited.

    The cube tells what kinds of items and which nested cohorts there are. Linked, all tables of an item and all
    cohorts are one system; else each item by each dimension of each cohort is one, which knows less and takes a small
    part of the time. Either way what an outer cohort has more than an inner one is a cohort as well: everybody can
    subtract.
    """
    dimensions = frozenset(cell.key.dimension for cell in cube.cells) - {ALL}
    shown = {Key(*row[:5]): row for row in _tuples(public)}
    rows = {
        key: _Row.of(key, row, shown[key], cube.multiples)
        for row in _tuples(internal)
        if _is_audited(key := Key(*row[:5]), cube)
    }
    told = {key: room for pair in cube.nested for key, room in _told_by_outer(rows, pair).items()}
    for pair in cube.nested:
        rows |= _rest(rows, pair, limits)
    nested = cube.nested if is_linked else ()
    systems: dict[tuple[str, ...], _System] = defaultdict(lambda: _System(dimensions, nested, told))
    for row in rows.values():
        for name in _system_names(row.key, dimensions, is_linked=is_linked):
            systems[name].add(row)
    checked: set[Interval] = set()
    for name, system in systems.items():
        try:
            checked.update(system.check(limits))
        except RuntimeError as error:
            error.add_note(f"τ-Argus could not audit the counts of {', '.join(name)}")
            raise
    hidden_n = sum(row.shown.n is None for row in rows.values())
    return Audit(len(rows), hidden_n, tuple(sorted(checked)))


def _is_audited(key: Key, cube: ConfidentialCube) -> bool:
    """Whether a row is of a confidential cohort: a cell of an item that does not define cohorts, or a compound."""
    return (key[:2] in cube.asked and key.item not in cube.defining) or key.item in cube.compounds


class _Counts(NamedTuple):
    n: int | None
    base_n: int | None
    answered_n: int | None
    members_n: int | None


_NOBODY = _Counts(0, 0, 0, 0)


class _Row(NamedTuple):
    """A row of the cube, and what the public cube shows of it (None where it does not)."""

    key: Key
    kind: str
    is_multiple: bool
    counts: _Counts
    shown: _Counts
    reason: Reason | None

    @property
    def n(self) -> int:
        """Responses in the count."""
        return self.counts.n or 0

    @classmethod
    def of(cls, key: Key, row: Sequence[Any], shown: Sequence[Any], multiples: Collection[str]) -> _Row:
        """Row of the internal cube with that of the public one."""
        reason = Reason(shown[-1]) if shown[-1] else None
        return cls(key, row[5], key.item in multiples, _Counts(*row[6:10]), _Counts(*shown[6:10]), reason)

    @property
    def counted_n(self) -> int:
        """Responses that could be in the count."""
        return (self.counts.base_n if self.is_multiple else self.counts.answered_n) or 0

    def less(self, inner: _Row, cohort: str, limits: DisclosureLimits) -> _Row:
        """What is left without the inner cohort; it can be told where both are shown."""
        counts = _Counts(*map(_less, self.counts, inner.counts))
        row = self._replace(
            key=self.key._replace(cohort=cohort), counts=counts, shown=_Counts(*map(_less, self.shown, inner.shown))
        )
        return row._replace(reason=row.primary(limits))

    def primary(self, limits: DisclosureLimits) -> Reason | None:
        """Why the count tells of a city by itself."""
        n, base_n, answered_n, _ = (count or 0 for count in self.counts)
        return primary_reason(n, base_n, answered_n, is_multiple=self.is_multiple, limits=limits)


COLUMNS = (*(f"{name}_code" for name in Key._fields), "choice_kind", *_Counts._fields, "hidden_reason")


def _tuples(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    """Rows of a cube: key, kind, counts and reason."""
    return zip(*(table[name].to_pylist() for name in COLUMNS), strict=True)


def _rest(rows: Mapping[Key, _Row], pair: Nested, limits: DisclosureLimits) -> dict[Key, _Row]:
    """What an outer cohort has more than its inner one; a row that the inner one has not is known to count nobody."""
    cohort = _rest_name(pair)
    groups = {_group_of(row.key): row for row in rows.values() if row.key.cohort == pair.inner}
    items = {key.item for key in groups}
    rest = {}
    for row in rows.values():
        if row.key.cohort == pair.outer and row.key.item in items:
            key = row.key._replace(cohort=pair.inner)
            inner = rows.get(key) or _nobody(row, groups.get(_group_of(key)))
            rest[row.key._replace(cohort=cohort)] = row.less(inner, cohort, limits)
    return rest


def _nobody(row: _Row, sibling: _Row | None) -> _Row:
    """A count of nobody, in a group whose sizes another row of it tells, or which has no members."""
    if sibling is None:
        return row._replace(counts=_NOBODY, shown=_NOBODY)
    return row._replace(counts=sibling.counts._replace(n=0), shown=sibling.shown._replace(n=0))


def _group_of(key: Key) -> Key:
    return key._replace(choice="")


def _told_by_outer(rows: Mapping[Key, _Row], pair: Nested) -> dict[Key, int]:
    """Width that a shown count of an outer cohort leaves to the inner one and to the rest, of whom it is no secret."""
    told: dict[Key, int] = {}
    for outer in rows.values():
        inner = rows.get(outer.key._replace(cohort=pair.inner))
        if outer.key.cohort == pair.outer and inner is not None and outer.shown.n is not None:
            rest_n = outer.counted_n - inner.counted_n
            room = min(outer.n, inner.counted_n) - max(0, outer.n - rest_n)
            for cohort in (pair.inner, _rest_name(pair)):
                for key in (outer.key._replace(cohort=cohort), _sister(outer.key)._replace(cohort=cohort)):
                    told[key] = min(room, told.get(key, room))
    return told


def _sister(key: Key) -> Key:
    """The same count in the table of the dimension, where that is an item too."""
    return Key(key.cohort, key.dimension, key.member, key.item, key.choice)


def _rest_name(pair: Nested) -> str:
    return f"{pair.outer} without {pair.inner}"


def _system_names(key: Key, dimensions: Collection[str], *, is_linked: bool) -> list[tuple[str, ...]]:
    """Systems that a cell is part of; a total is part of the tables by each dimension."""
    if is_linked:
        return [tuple(sorted(dimensions)) if key.item in dimensions else (key.item,)]
    others = (dimensions or [key.item]) if key.dimension == ALL else [key.dimension]
    return [(key.cohort, *sorted({key.item, other})) for other in others]


class _System:
    """Linear equations between the counts of one item, or of the dimensions, which are items of each other."""

    def __init__(self, dimensions: Collection[str], nested: Sequence[Nested], told: Mapping[Key, int]) -> None:
        self.dimensions = dimensions
        self.nested = nested
        self.told = told
        self.values: dict[_Node, int] = {}
        self.shown: set[_Node] = set()
        self.upper: dict[_Node, int] = {}
        self.answers: dict[_Node, _Row] = {}
        self.nodes: dict[Key, _Node] = {}
        self.groups: dict[Key, tuple[_Node, _Node, _Node]] = {}
        self.sums: dict[tuple[str, _Node], dict[_Node, None]] = defaultdict(dict)

    def add(self, row: _Row) -> None:
        """One row of the cube with its equations."""
        key = row.key
        answered, missing, _ = group = self._group(row)
        node = {"missing": missing, "answered": answered}.get(row.kind) or _Node(key)
        if node not in group:
            self._set(node, row.counts.n, row.shown.n)
            self._add_to_total(node)
        elif row.shown.n is not None:
            self.shown.add(node)
        self.nodes[key] = node
        if row.kind != "level":
            return
        if key.item != key.dimension:
            self.answers[node] = row
        elif key.choice != key.member:
            self.shown.add(node)
        if not row.is_multiple:
            self.sums["levels", answered][node] = None
        elif row.shown.base_n is not None:
            self.upper[node] = row.shown.base_n

    def _group(self, row: _Row) -> tuple[_Node, _Node, _Node]:
        """Of the group of a row, those that answered, those that did not, and all; added with its first row."""
        key = _group_of(row.key)
        if (known := self.groups.get(key)) is not None:
            return known
        answered, missing, members = group = _Node(key, "answered"), _Node(key, "missing"), _Node(key, "members")
        self.groups[key] = group
        self._set(answered, row.counts.answered_n, row.shown.answered_n)
        self._set(members, row.counts.members_n, row.shown.members_n)
        self._set(missing, *(_less(told.members_n, told.answered_n) for told in (row.counts, row.shown)))
        self.sums["answered and missing", members] = {answered: None, missing: None}
        for node in group:
            self._add_to_total(node)
        return group

    def _add_to_total(self, node: _Node) -> None:
        key = node.key
        if key.dimension != ALL:
            total = _Node(Key(key.cohort, key.item, key.choice, ALL, ALL), node.kind)
            self.sums[key.dimension, total][node] = None

    def _set(self, node: _Node, value: int | None, shown: int | None) -> None:
        self.values[node] = value or 0
        if shown is not None:
            self.shown.add(node)

    def check(self, limits: DisclosureLimits) -> list[Interval]:
        """Intervals that are narrower than they have to be, and than the totals alone would leave them."""
        rows = [(list(parts), total) for (_, total), parts in self.sums.items()]
        rows += [([node], other) for node, other in self._same()]
        rows += self._nested_sums()
        needed = {node: width for node, row in self.answers.items() if (width := _needed(row, limits))}
        if self._shows_totals_alone():
            needed = {node: width for node, width in needed.items() if node.key.dimension == ALL}
            rows = [
                (parts, total) for parts, total in rows if all(node.key.dimension == ALL for node in (*parts, total))
            ]
        if not needed:
            return []
        ends = self._ends(self.shown, rows, needed)
        needed = {node: min(width, self.told.get(node.key, width)) for node, width in needed.items()}
        narrow = [node for node, width in needed.items() if _width(ends[node]) < width]
        widest: dict[bool, dict[_Node, _Ends]] = {}
        found = []
        for node in narrow:
            is_total = node.key.dimension == ALL
            if is_total not in widest:
                widest[is_total] = self._ends(self.shown - self._secret(is_total), rows, narrow)
            width = min(_width(widest[is_total][node]), needed[node])
            if _width(ends[node]) < width:
                found.append(Interval(node.key, *ends[node], width))
        return found

    def _ends(self, shown: Collection[_Node], rows: Sequence[_Sum], asked: Collection[_Node]) -> dict[_Node, _Ends]:
        known = {node: (self.values[node], self.values[node]) for node in asked}
        return known | _solve(self.values, shown, self.upper, rows, asked)

    def _shows_totals_alone(self) -> bool:
        """Whether no count of a group is shown: then nothing can be told of one but what the totals tell."""
        return not any(node in self.shown for node in self.answers if node.key.dimension != ALL)

    def _secret(self, is_total: bool) -> set[_Node]:
        """All answers that could have been hidden: those of groups, and of whole cohorts for a total."""
        return {node for node in self.answers if is_total or node.key.dimension != ALL}

    def _same(self) -> Iterable[tuple[_Node, _Node]]:
        """A count of a dimension by another stands in that one's table too, and its total is the size of a group."""
        for key, node in self.nodes.items():
            if key.item in self.dimensions and key.dimension == ALL:
                for item in self.dimensions:
                    group = _Node(Key(key.cohort, item, "", key.item, key.choice), "members")
                    if group in self.values:
                        yield node, group
            elif key.item in self.dimensions and key.item < key.dimension:
                sister = self.nodes.get(_sister(key))
                if sister is not None:
                    yield node, sister

    def _nested_sums(self) -> Iterable[_Sum]:
        for pair in self.nested:
            for outer in self.values:
                inner, rest = (
                    outer._replace(key=outer.key._replace(cohort=cohort)) for cohort in (pair.inner, _rest_name(pair))
                )
                if outer.key.cohort == pair.outer and rest in self.values:
                    yield [node for node in (inner, rest) if node in self.values], outer


def _needed(row: _Row, limits: DisclosureLimits) -> float:
    """Width that the interval of a count has to have; a shown one that tells of a city has none."""
    return needed_width(row.primary(limits) or row.reason, limits)


def _width(ends: _Ends) -> int:
    return ends[1] - ends[0]


def _solve(
    values: Mapping[_Node, int],
    shown: Collection[_Node],
    upper: Mapping[_Node, int],
    rows: Sequence[_Sum],
    asked: Collection[_Node],
) -> dict[_Node, _Ends]:
    """Least and greatest value of hidden counts under the rows, for each system of related ones that is asked for."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    used = {node for parts, total in rows for node in (*parts, total)}
    hidden = [node for node in values if node in used and node not in shown]
    index = {node: number for number, node in enumerate(hidden)}
    equations = [equation for parts, total in rows if (equation := _equation(parts, total, index, values))[0]]
    links = [(terms[0][0], number) for terms, _ in equations for number, _ in terms]
    first, second = zip(*links, strict=True) if links else ((), ())
    graph = coo_array(([1] * len(links), (first, second)), shape=(len(hidden), len(hidden)))
    _, labels = connected_components(graph, directed=False)
    systems: dict[int, tuple[list[int], list[_Equation]]] = defaultdict(lambda: ([], []))
    for number, label in enumerate(labels):
        systems[label][0].append(number)
    for equation in equations:
        systems[labels[equation[0][0][0]]][1].append(equation)
    most = max(values.values(), default=0)
    found: dict[_Node, _Ends] = {}
    for numbers, own in systems.values():
        if not any(hidden[number] in asked for number in numbers):
            continue
        bounds = [(values[hidden[number]], upper.get(hidden[number], most)) for number in numbers]
        place = {number: position for position, number in enumerate(numbers)}
        local = tuple((tuple((place[number], sign) for number, sign in terms), constant) for terms, constant in own)
        ranges = _ranges(tuple(bounds), local)
        found |= {hidden[number]: ends for number, ends in zip(numbers, ranges, strict=True)}
    return found


_Equation = tuple[tuple[tuple[int, int], ...], int]


def _equation(
    parts: Sequence[_Node], total: _Node, index: Mapping[_Node, int], values: Mapping[_Node, int]
) -> _Equation:
    """The hidden terms of a row with their signs, and what they sum up to by the shown ones."""
    signed = [*((part, 1) for part in parts), (total, -1)]
    if sum(sign * values[node] for node, sign in signed):
        message = f"the parts of {total.kind} {'/'.join(total.key)} do not sum up to it: {[*map(values.get, parts)]}"
        raise ValueError(f"{message} against {values[total]}; the audit needs all rows of its group")
    terms = tuple((index[node], sign) for node, sign in signed if node in index)
    return terms, -sum(sign * values[node] for node, sign in signed if node not in index)


@lru_cache(maxsize=4096)
def _ranges(bounds: tuple[tuple[int, int], ...], equations: tuple[_Equation, ...]) -> list[_Ends]:
    """Least and greatest value of each count of one system, as τ-Argus finds them in a file of its JJ format."""
    from pytauargus.engine import audit_jj

    lines = ["0", str(len(bounds) + len(equations))]
    lines += [f"{number} {value} 1 {_HIDDEN} 0 {most} 0 0 0" for number, (value, most) in enumerate(bounds)]
    lines += [
        f"{len(bounds) + number} {constant} 1 {_SHOWN} {constant} {constant} 0 0 0"
        for number, (_, constant) in enumerate(equations)
    ]
    lines.append(str(len(equations)))
    for number, (terms, _) in enumerate(equations):
        signed = " ".join(f"{term} ({sign})" for term, sign in terms)
        lines.append(f"0 {len(terms) + 1} : {signed} {len(bounds) + number} (-1)")
    with NamedTemporaryFile("w", encoding="ascii", suffix=".jj") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        found = {row["cell"]: _whole(float(row["min"]), float(row["max"])) for row in audit_jj(file.name)}
    return [found[number] for number in range(len(bounds))]


def _whole(low: float, high: float) -> _Ends:
    """The whole numbers within an interval: a count is one of them."""
    return math.ceil(low - _TOLERANCE), math.floor(high + _TOLERANCE)


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part
