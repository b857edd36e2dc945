"""What an intruder can find out of the hidden cells of a public cube, by the audit of τ-Argus.

The counts of an item, by all dimensions and of all cohorts, are written as one system of linear equations in τ-Argus's
own format, with everything known that the public files show; its solver tells the least and the greatest value that
each hidden count can have. Here: the equations, made from the published files alone. Not here: hiding (protect.py).
Source: de Wolf and others, τ-Argus user's manual, audit; pytauargus is an independent build of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.protect import ALL, Nested
from orchestration.disclosure.rules import Key, Reason, primary_reason
from orchestration.settings import DisclosureLimits

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN, _HIDDEN = "s", "u"
# A hidden count that only hides another may be known to lie in a narrower interval, but never exactly.
_SOME_WIDTH = 1
_TOLERANCE = 1e-6


class Interval(NamedTuple):
    """What an intruder knows of a hidden count: it lies between `low` and `high`; `needed` is the least width."""

    key: Key
    low: float
    high: float
    needed: int

    @property
    def is_narrow(self) -> bool:
        """Whether more is known than may be."""
        return self.high - self.low < self.needed - _TOLERANCE


class _Node(NamedTuple):
    """A count: responses with an answer (`choice`), or of a group those that did and did not answer and all."""

    key: Key
    kind: str = "answer"


@dataclass(frozen=True)
class Audit:
    """What the audit of a public cube found: its size, and the intervals that are too narrow."""

    cells_n: int
    hidden_n: int
    narrow: tuple[Interval, ...]


def audit(
    internal: pa.Table,
    public: pa.Table,
    multiples: Collection[str],
    nested: Sequence[Nested],
    limits: DisclosureLimits,
    *,
    is_linked: bool,
) -> Audit:
    """Audit the public cube of a wave; both tables are `gap_cube` with the rows of the confidential cohorts.

    `multiples` are the items of which several choices may be ticked. Linked, all tables of an item are one system;
    else each item by each dimension is one, which takes a fifth of the time and knows less.
    """
    rows = internal.to_pylist()
    shown = {_key(row): row for row in public.to_pylist()}
    dimensions = {row["dimension_code"] for row in rows} - {ALL}
    systems: dict[tuple[str, ...], _System] = defaultdict(lambda: _System(limits, dimensions))
    for row in rows:
        key = _key(row)
        for name in _system_names(key, dimensions, is_linked=is_linked):
            systems[name].add(row, shown[key], is_multiple=key.item in multiples)
    intervals = [found for system in systems.values() for found in system.intervals(nested)]
    return Audit(len(rows), len(intervals), tuple(sorted(found for found in intervals if found.is_narrow)))


def _system_names(key: Key, dimensions: Collection[str], *, is_linked: bool) -> list[tuple[str, ...]]:
    """Systems that a cell is part of; a total is part of the tables by each dimension."""
    if is_linked:
        return [tuple(sorted(dimensions)) if key.item in dimensions else (key.item,)]
    others = dimensions if key.dimension == ALL else [key.dimension]
    return [tuple(sorted({key.item, other})) for other in others]


class _System:
    """Linear equations between the counts of one item, or of the dimensions, which are items of each other."""

    def __init__(self, limits: DisclosureLimits, dimensions: Collection[str]) -> None:
        self.limits = limits
        self.dimensions = dimensions
        self.values: dict[_Node, int] = {}
        self.shown: set[_Node] = set()
        self.known_upper: dict[_Node, int] = {}
        self.answers: dict[_Node, _Answer] = {}
        self.nodes: dict[Key, _Node] = {}
        self.sums: dict[tuple[str, _Node], dict[_Node, None]] = defaultdict(dict)

    def add(self, row: Mapping[str, Any], shown: Mapping[str, Any], *, is_multiple: bool) -> None:
        """One row of the cube, with what the public cube shows of it."""
        key = _key(row)
        answered, missing, members = (
            _Node(key._replace(choice=""), kind) for kind in ("answered", "missing", "members")
        )
        self._set(answered, row["answered_n"], shown["answered_n"])
        self._set(missing, row["members_n"] - row["answered_n"], _less(shown["members_n"], shown["answered_n"]))
        self._set(members, row["members_n"], shown["members_n"])
        self.sums["answered and missing", members] = {answered: None, missing: None}
        node = {"missing": missing, "answered": answered}.get(row["choice_kind"], _Node(key))
        self._set(node, row["n"], shown["n"])
        self.nodes[key] = node
        for part in {node, answered, missing, members}:
            if key.dimension != ALL:
                total = part._replace(key=part.key._replace(dimension=ALL, member=ALL))
                self.sums[key.dimension, total][part] = None
        if row["choice_kind"] == "level" and key.item != key.dimension:
            self._add_answer(node, answered, row, shown, is_multiple=is_multiple)
        if key.item == key.dimension and key.choice != key.member:
            self.shown.add(node)

    def _set(self, node: _Node, value: int, shown: int | None) -> None:
        self.values[node] = value
        if shown is not None:
            self.shown.add(node)

    def _add_answer(
        self, node: _Node, answered: _Node, row: Mapping[str, Any], shown: Mapping[str, Any], *, is_multiple: bool
    ) -> None:
        reason = Reason(shown["hidden_reason"]) if shown["n"] is None else None
        self.answers[node] = _Answer(row["n"], row["base_n"], row["answered_n"], is_multiple, reason)
        if not is_multiple:
            self.sums["levels", answered][node] = None
        elif shown["base_n"] is not None:
            self.known_upper[node] = row["base_n"]

    def intervals(self, nested: Sequence[Nested]) -> list[Interval]:
        """Intervals of all hidden answers, and of what two nested cohorts leave."""
        rows = [(list(parts), total) for (_, total), parts in self.sums.items()]
        rows += [([node], other) for node, other in self._same()]
        rows += self._rests(nested)
        return [
            Interval(node.key, low, high, self._needed(node))
            for node, low, high in _solve(self.values, self.shown, self.known_upper, rows)
            if node in self.answers
        ]

    def _same(self) -> Iterable[tuple[_Node, _Node]]:
        """A count of a dimension by another stands in the table of that one too, and its total is the size of a group."""
        for key, node in self.nodes.items():
            if key.item in self.dimensions and key.dimension == ALL:
                for item in self.dimensions:
                    group = _Node(Key(key.cohort, item, "", key.item, key.choice), "members")
                    if group in self.values:
                        yield node, group
            elif key.item in self.dimensions and key.item < key.dimension:
                sister = self.nodes.get(Key(key.cohort, key.dimension, key.member, key.item, key.choice))
                if sister is not None:
                    yield node, sister

    def _rests(self, nested: Sequence[Nested]) -> Iterable[tuple[list[_Node], _Node]]:
        """Everybody can subtract: what an outer cohort has more than an inner one is a count that nothing shows."""
        for pair in nested:
            for outer in [node for node in self.values if node.key.cohort == pair.outer]:
                inner = outer._replace(key=outer.key._replace(cohort=pair.inner))
                if inner not in self.values:
                    continue
                rest = outer._replace(key=outer.key._replace(cohort=f"{pair.outer} without {pair.inner}"))
                self.values[rest] = self.values[outer] - self.values[inner]
                if outer in self.answers and inner in self.answers:
                    self.answers[rest] = self.answers[outer].less(self.answers[inner], self.limits)
                    if outer in self.known_upper and inner in self.known_upper:
                        self.known_upper[rest] = self.known_upper[outer] - self.known_upper[inner]
                yield [inner, rest], outer

    def _needed(self, node: _Node) -> int:
        """Width that the interval of a count must have; no more than its totals leave it."""
        answer = self.answers[node]
        if answer.reason is None or answer.reason is Reason.DERIVED:
            return 0
        wanted = _SOME_WIDTH if answer.reason is Reason.COMPLEMENT else self.limits.minimum_frequency
        return min(wanted, self._room(node))

    def _room(self, node: _Node) -> int:
        answer = self.answers[node]
        total = self.answers[node._replace(key=node.key._replace(dimension=ALL, member=ALL))]
        low, high = max(0, total.n + answer.counted_n - total.counted_n), min(total.n, answer.counted_n)
        return answer.counted_n if node.key.dimension == ALL else high - low


class _Answer(NamedTuple):
    n: int
    base_n: int
    answered_n: int
    is_multiple: bool
    reason: Reason | None

    @property
    def counted_n(self) -> int:
        """Responses that could be in the count."""
        return self.base_n if self.is_multiple else self.answered_n

    def less(self, inner: _Answer, limits: DisclosureLimits) -> _Answer:
        """What is left without the inner cohort, judged by the same rules."""
        counts = (self.n - inner.n, self.base_n - inner.base_n, self.answered_n - inner.answered_n)
        reason = primary_reason(*counts, is_multiple=self.is_multiple, limits=limits)
        return _Answer(*counts, self.is_multiple, reason)


def _solve(
    values: Mapping[_Node, int],
    shown: Collection[_Node],
    upper: Mapping[_Node, int],
    rows: Sequence[tuple[list[_Node], _Node]],
) -> list[tuple[_Node, float, float]]:
    """Least and greatest value of every hidden count under the rows, by τ-Argus, one system of related counts a time."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    hidden = [node for node in values if node not in shown]
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
    found = []
    for numbers, own in systems.values():
        bounds = [(values[hidden[number]], upper.get(hidden[number], most)) for number in numbers]
        place = {number: position for position, number in enumerate(numbers)}
        local = tuple((tuple((place[number], sign) for number, sign in terms), constant) for terms, constant in own)
        ranges = _ranges(tuple(bounds), local)
        found += [(hidden[number], *ends) for number, ends in zip(numbers, ranges, strict=True)]
    return found


_Equation = tuple[tuple[tuple[int, int], ...], int]


def _equation(
    parts: Sequence[_Node], total: _Node, index: Mapping[_Node, int], values: Mapping[_Node, int]
) -> _Equation:
    """The hidden terms of a row with their signs, and what they sum up to."""
    signed = [*((part, 1) for part in parts), (total, -1)]
    terms = tuple((index[node], sign) for node, sign in signed if node in index)
    return terms, sum(sign * values[node] for node, sign in signed if node in index)


@lru_cache(maxsize=4096)
def _ranges(bounds: tuple[tuple[int, int], ...], equations: tuple[_Equation, ...]) -> list[tuple[float, float]]:
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
    with TemporaryDirectory() as folder:
        path = Path(folder) / "system.jj"
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        found = {row["cell"]: (float(row["min"]), float(row["max"])) for row in audit_jj(str(path))}
    return [found[number] for number in range(len(bounds))]


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def _key(row: Mapping[str, Any]) -> Key:
    return Key(*(row[f"{name}_code"] for name in Key._fields))
