"""What an attacker can compute of the suppressed cells of a public cube, by the audit of τ-Argus.

The counts of an item, by all dimensions and of all cohorts, are written as one linear system in τ-Argus's own format,
with everything known that the public files show; its solver finds the feasibility interval of each suppressed cell: the
least and the greatest value that the count can have. Here: the system, made from the published files alone and by no
code of the protection that it judges. Not here: suppression (protect.py).
Source: de Wolf and others, τ-Argus user's manual, audit; pytauargus is an independent build of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.rules import ALL, Key, Nested, Reason, find_primary_reason, get_protection_level
from orchestration.settings import DisclosureLimits

if TYPE_CHECKING:
    import pyarrow as pa

_SAFE, _UNSAFE = "s", "u"
_TOLERANCE = 1e-6


class FeasibilityInterval(NamedTuple):
    """Least and greatest value that a suppressed count can have; it is unsafe if narrower than its protection level."""

    key: Key
    low: int
    high: int
    protection_level: float


class _Variable(NamedTuple):
    """A count: responses with an answer (`choice`), or of a group those that did and did not answer and all."""

    key: Key
    kind: str = "answer"

    @property
    def is_total(self) -> bool:
        """Whether the count is of a whole cohort."""
        return self.key.dimension == ALL


# Additivity: the parts sum up to the total.
_Constraint = tuple[list[_Variable], _Variable]
# Numbers of variables with their signs, and what they sum up to.
_Equation = tuple[tuple[tuple[int, int], ...], int]
_Bounds = tuple[int, int]


def audit(
    internal: pa.Table,
    public: pa.Table,
    cube: ConfidentialCube,
    limits: DisclosureLimits,
    *,
    is_linked: bool,
) -> tuple[FeasibilityInterval, ...]:
    """Unsafe cells of the public cube of a wave; both tables are `gap_cube`, its confidential cohorts are audited.

    The cube tells what kinds of items and which nested cohorts there are. Linked, all tables of an item and all
    cohorts are one system; else each item by each dimension of each cohort is one, which knows less and takes a small
    part of the time. Either way what an outer cohort has more than an inner one is a cohort as well: everybody can
    subtract.
    """
    dimensions = frozenset(cell.key.dimension for cell in cube.cells) - {ALL}
    shown = {Key(*row[:5]): row for row in _list_rows(public)}
    rows = {
        key: _Row.of(key, row, shown[key], cube.multiples)
        for row in _list_rows(internal)
        if _is_audited(key := Key(*row[:5]), cube)
    }
    outer_widths = {key: width for pair in cube.nested for key, width in _bound_by_outer(rows, pair).items()}
    for pair in cube.nested:
        rows |= _subtract_cohorts(rows, pair, limits)
    nested = cube.nested if is_linked else ()
    systems: dict[tuple[str, ...], _System] = defaultdict(lambda: _System(dimensions, nested, outer_widths))
    for row in rows.values():
        for name in _name_systems(row.key, dimensions, is_linked=is_linked):
            systems[name].add(row)
    unsafe: set[FeasibilityInterval] = set()
    for name, system in systems.items():
        try:
            unsafe.update(system.find_unsafe(limits))
        except RuntimeError as error:
            error.add_note(f"τ-Argus could not audit the counts of {', '.join(name)}")
            raise
    return tuple(sorted(unsafe))


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
    def external_bound(self) -> int:
        """Responses that could be in the count."""
        return (self.counts.base_n if self.is_multiple else self.counts.answered_n) or 0

    def subtract(self, inner: _Row, cohort: str, limits: DisclosureLimits) -> _Row:
        """What is left without the inner cohort; it is known where both are shown."""
        counts, shown = (
            _Counts(*map(_subtract, *both)) for both in ((self.counts, inner.counts), (self.shown, inner.shown))
        )
        row = self._replace(key=self.key._replace(cohort=cohort), counts=counts, shown=shown)
        return row._replace(reason=row.find_primary_reason(limits))

    def find_primary_reason(self, limits: DisclosureLimits) -> Reason | None:
        """Why the count is sensitive by itself."""
        n, base_n, answered_n, _ = (count or 0 for count in self.counts)
        return find_primary_reason(n, base_n, answered_n, is_multiple=self.is_multiple, limits=limits)


COLUMNS = (*(f"{name}_code" for name in Key._fields), "choice_kind", *_Counts._fields, "hidden_reason")


def _list_rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    """Rows of a cube: key, kind, counts and reason."""
    return zip(*(table[name].to_pylist() for name in COLUMNS), strict=True)


def _subtract_cohorts(rows: Mapping[Key, _Row], pair: Nested, limits: DisclosureLimits) -> dict[Key, _Row]:
    """What an outer cohort has more than its inner one; a row that the inner one has not is known to count nobody."""
    cohort = _name_difference(pair)
    groups = {_get_group(row.key): row for row in rows.values() if row.key.cohort == pair.inner}
    items = {key.item for key in groups}
    differences = {}
    for row in rows.values():
        if row.key.cohort == pair.outer and row.key.item in items:
            key = row.key._replace(cohort=pair.inner)
            inner = rows.get(key) or _count_nobody(row, groups.get(_get_group(key)))
            differences[row.key._replace(cohort=cohort)] = row.subtract(inner, cohort, limits)
    return differences


def _count_nobody(row: _Row, sibling: _Row | None) -> _Row:
    """A count of nobody, in a group whose sizes another row of it tells, or which has no members."""
    if sibling is None:
        return row._replace(counts=_NOBODY, shown=_NOBODY)
    return row._replace(counts=sibling.counts._replace(n=0), shown=sibling.shown._replace(n=0))


def _get_group(key: Key) -> Key:
    return key._replace(choice="")


def _bound_by_outer(rows: Mapping[Key, _Row], pair: Nested) -> dict[Key, int]:
    """Width (Fréchet) that a shown count of an outer cohort leaves to the inner one and to the difference of both."""
    widths: dict[Key, int] = {}
    for outer in rows.values():
        inner = rows.get(outer.key._replace(cohort=pair.inner))
        if outer.key.cohort == pair.outer and inner is not None and outer.shown.n is not None:
            difference_bound = outer.external_bound - inner.external_bound
            width = min(outer.n, inner.external_bound) - max(0, outer.n - difference_bound)
            for cohort in (pair.inner, _name_difference(pair)):
                for key in (outer.key._replace(cohort=cohort), _transpose(outer.key)._replace(cohort=cohort)):
                    widths[key] = min(width, widths.get(key, width))
    return widths


def _transpose(key: Key) -> Key:
    """The same count in the table of the dimension, where that is an item too."""
    return Key(key.cohort, key.dimension, key.member, key.item, key.choice)


def _name_difference(pair: Nested) -> str:
    return f"{pair.outer} without {pair.inner}"


def _name_systems(key: Key, dimensions: Collection[str], *, is_linked: bool) -> list[tuple[str, ...]]:
    """Systems that a cell is part of; a total is part of the tables by each dimension."""
    if is_linked:
        return [tuple(sorted(dimensions)) if key.item in dimensions else (key.item,)]
    others = (dimensions or [key.item]) if key.dimension == ALL else [key.dimension]
    return [(key.cohort, *sorted({key.item, other})) for other in others]


class _System:
    """Linear system of the counts of one item, or of the dimensions, which are items of each other."""

    def __init__(self, dimensions: Collection[str], nested: Sequence[Nested], outer_widths: Mapping[Key, int]) -> None:
        self.dimensions = dimensions
        self.nested = nested
        self.outer_widths = outer_widths
        self.values: dict[_Variable, int] = {}
        self.shown: set[_Variable] = set()
        # External bounds of the choices of a menu; that of all others is the greatest value of any count.
        self.upper: dict[_Variable, int] = {}
        self.answers: dict[_Variable, _Row] = {}
        self.variables: dict[Key, _Variable] = {}
        self.groups: dict[Key, tuple[_Variable, _Variable, _Variable]] = {}
        self.sums: dict[tuple[str, _Variable], dict[_Variable, None]] = defaultdict(dict)

    def add(self, row: _Row) -> None:
        """One row of the cube with its constraints."""
        key = row.key
        answered, missing, _ = group = self._add_group(row)
        variable = {"missing": missing, "answered": answered}.get(row.kind) or _Variable(key)
        if variable not in group:
            self._set(variable, row.counts.n, row.shown.n)
            self._add_to_total(variable)
        elif row.shown.n is not None:
            self.shown.add(variable)
        self.variables[key] = variable
        if row.kind != "level":
            return
        if key.item != key.dimension:
            self.answers[variable] = row
        elif key.choice != key.member:
            # Nobody of one group is in another one of the same dimension.
            self.shown.add(variable)
        if not row.is_multiple:
            self.sums["levels", answered][variable] = None
        elif row.shown.base_n is not None:
            self.upper[variable] = row.shown.base_n

    def _add_group(self, row: _Row) -> tuple[_Variable, _Variable, _Variable]:
        """Of the group of a row, those that answered, those that did not, and all; added with its first row."""
        key = _get_group(row.key)
        if (known := self.groups.get(key)) is not None:
            return known
        group = answered, missing, members = (
            _Variable(key, "answered"),
            _Variable(key, "missing"),
            _Variable(key, "members"),
        )
        self.groups[key] = group
        self._set(answered, row.counts.answered_n, row.shown.answered_n)
        self._set(members, row.counts.members_n, row.shown.members_n)
        self._set(missing, *(_subtract(counts.members_n, counts.answered_n) for counts in (row.counts, row.shown)))
        self.sums["answered and missing", members] = {answered: None, missing: None}
        for variable in group:
            self._add_to_total(variable)
        return group

    def _add_to_total(self, variable: _Variable) -> None:
        key = variable.key
        if not variable.is_total:
            total = _Variable(Key(key.cohort, key.item, key.choice, ALL, ALL), variable.kind)
            self.sums[key.dimension, total][variable] = None

    def _set(self, variable: _Variable, value: int | None, shown: int | None) -> None:
        self.values[variable] = value or 0
        if shown is not None:
            self.shown.add(variable)

    def find_unsafe(self, limits: DisclosureLimits) -> list[FeasibilityInterval]:
        """Intervals that are narrower than their protection level, and than the totals alone would leave them."""
        constraints = [(list(parts), total) for (_, total), parts in self.sums.items()]
        constraints += [([variable], other) for variable, other in self._list_equal()]
        constraints += self._list_nested_sums()
        levels = {variable: level for variable, row in self.answers.items() if (level := self._get_level(row, limits))}
        if self._shows_totals_alone():
            levels = {variable: level for variable, level in levels.items() if variable.is_total}
            constraints = [
                (parts, total) for parts, total in constraints if all(part.is_total for part in (*parts, total))
            ]
        if not levels:
            return []
        intervals = self._find_intervals(self.shown, constraints, levels)
        narrow = [variable for variable, level in levels.items() if _get_width(intervals[variable]) < level]
        unsafe = []
        for is_total in {variable.is_total for variable in narrow}:
            own = [variable for variable in narrow if variable.is_total is is_total]
            # All answers that could have been suppressed: those of groups, and of whole cohorts for a total.
            suppressible = {variable for variable in self.answers if is_total or not variable.is_total}
            attainable = self._find_intervals(self.shown - suppressible, constraints, own)
            for variable in own:
                level = min(_get_width(attainable[variable]), levels[variable])
                if _get_width(intervals[variable]) < level:
                    unsafe.append(FeasibilityInterval(variable.key, *intervals[variable], level))
        return unsafe

    def _get_level(self, row: _Row, limits: DisclosureLimits) -> float:
        """Protection level of a count, a shown one that is sensitive included; no more than an outer cohort leaves."""
        level = get_protection_level(row.find_primary_reason(limits) or row.reason, limits)
        return min(level, self.outer_widths.get(row.key, level))

    def _find_intervals(
        self, shown: Collection[_Variable], constraints: Sequence[_Constraint], asked: Collection[_Variable]
    ) -> dict[_Variable, _Bounds]:
        """Feasibility intervals of counts, found in each connected part of the system that holds one asked for."""
        used = {variable for parts, total in constraints for variable in (*parts, total)}
        unknown = [variable for variable in self.values if variable in used and variable not in shown]
        index = {variable: number for number, variable in enumerate(unknown)}
        equations = [self._write_equation(parts, total, index) for parts, total in constraints]
        greatest = max(self.values.values(), default=0)
        intervals = {variable: (self.values[variable], self.values[variable]) for variable in asked}
        for numbers, own in _split(len(unknown), [equation for equation in equations if equation[0]]):
            variables = [unknown[number] for number in numbers]
            if any(variable in asked for variable in variables):
                bounds = tuple((self.values[variable], self.upper.get(variable, greatest)) for variable in variables)
                # Numbered from 0: equal parts of several systems are one to the cache, and are solved once.
                place = {number: position for position, number in enumerate(numbers)}
                local = tuple((tuple((place[number], sign) for number, sign in terms), total) for terms, total in own)
                intervals.update(zip(variables, _solve_attacker_problems(bounds, local), strict=True))
        return intervals

    def _write_equation(
        self, parts: Sequence[_Variable], total: _Variable, index: Mapping[_Variable, int]
    ) -> _Equation:
        """The unknown terms of a constraint with their signs, and what they sum up to by the known ones."""
        signed = [*((part, 1) for part in parts), (total, -1)]
        if sum(sign * self.values[variable] for variable, sign in signed):
            values = [self.values[part] for part in parts]
            message = f"the parts of {total.kind} {'/'.join(total.key)} do not sum up to it: {values}"
            raise ValueError(f"{message} against {self.values[total]}; the audit needs all rows of its group")
        terms = tuple((index[variable], sign) for variable, sign in signed if variable in index)
        return terms, -sum(sign * self.values[variable] for variable, sign in signed if variable not in index)

    def _shows_totals_alone(self) -> bool:
        """Whether no count of a group is shown: then nothing is disclosed of one but what the totals disclose."""
        return not any(variable in self.shown for variable in self.answers if not variable.is_total)

    def _list_equal(self) -> Iterable[tuple[_Variable, _Variable]]:
        """A count of a dimension by another stands in that one's table too, and its total is the size of a group."""
        for key, variable in self.variables.items():
            if key.item in self.dimensions and key.dimension == ALL:
                for item in self.dimensions:
                    group = _Variable(Key(key.cohort, item, "", key.item, key.choice), "members")
                    if group in self.values:
                        yield variable, group
            elif key.item in self.dimensions and key.item < key.dimension:
                transposed = self.variables.get(_transpose(key))
                if transposed is not None:
                    yield variable, transposed

    def _list_nested_sums(self) -> Iterable[_Constraint]:
        for pair in self.nested:
            for outer in self.values:
                inner, difference = (
                    outer._replace(key=outer.key._replace(cohort=cohort))
                    for cohort in (pair.inner, _name_difference(pair))
                )
                if outer.key.cohort == pair.outer and difference in self.values:
                    yield [variable for variable in (inner, difference) if variable in self.values], outer


def _get_width(interval: _Bounds) -> int:
    return interval[1] - interval[0]


def _split(size: int, equations: Sequence[_Equation]) -> Iterable[tuple[list[int], list[_Equation]]]:
    """Connected parts of a system of equations: the variables of each, and its equations."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = [(terms[0][0], number) for terms, _ in equations for number, _ in terms]
    first, second = zip(*links, strict=True) if links else ((), ())
    graph = coo_array(([1] * len(links), (first, second)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    systems: dict[int, tuple[list[int], list[_Equation]]] = defaultdict(lambda: ([], []))
    for number, label in enumerate(labels):
        systems[label][0].append(number)
    for equation in equations:
        systems[labels[equation[0][0][0]]][1].append(equation)
    return systems.values()


@lru_cache(maxsize=4096)
def _solve_attacker_problems(bounds: tuple[tuple[int, int], ...], equations: tuple[_Equation, ...]) -> list[_Bounds]:
    """Feasibility interval of each count of a system, as τ-Argus finds it in a file of its JJ format."""
    from pytauargus.engine import audit_jj

    lines = ["0", str(len(bounds) + len(equations))]
    lines += [f"{number} {value} 1 {_UNSAFE} 0 {most} 0 0 0" for number, (value, most) in enumerate(bounds)]
    lines += [
        f"{len(bounds) + number} {constant} 1 {_SAFE} {constant} {constant} 0 0 0"
        for number, (_, constant) in enumerate(equations)
    ]
    lines.append(str(len(equations)))
    for number, (terms, _) in enumerate(equations):
        signed = " ".join(f"{term} ({sign})" for term, sign in terms)
        lines.append(f"0 {len(terms) + 1} : {signed} {len(bounds) + number} (-1)")
    with NamedTemporaryFile("w", encoding="ascii", suffix=".jj") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        found = {row["cell"]: _round_inwards(float(row["min"]), float(row["max"])) for row in audit_jj(file.name)}
    return [found[number] for number in range(len(bounds))]


def _round_inwards(low: float, high: float) -> _Bounds:
    """The whole numbers within an interval: a count is one of them."""
    return math.ceil(low - _TOLERANCE), math.floor(high + _TOLERANCE)


def _subtract(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part
