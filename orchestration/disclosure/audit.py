"""What an attacker can compute of the suppressed cells of a public cube: their feasibility intervals.

The counts of an item, by all dimensions and of all cohorts, are one system of whole numbers, with everything known that
the public files show: parts that sum up to totals, cohorts that share cities, menus within those that answered, needs
between the answers that make them up. HiGHS finds the feasibility interval of each suppressed cell: the least and the
greatest value that the count can have. Here: the system, made from the published files alone and by no code of the
protection that it judges, but for which cohorts share cities. Not here: suppression (protect.py).
Source: Fischetti and Salazar-González (2000), Statistics and Computing 10, the attacker's problem.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps, Relation
from orchestration.disclosure.rules import (
    ALL,
    DIFFERENCE,
    Key,
    Reason,
    find_primary_reason,
    get_protection_level,
    is_by_definition,
)
from orchestration.settings import DisclosureLimits

if TYPE_CHECKING:
    import pyarrow as pa

_TOLERANCE = 1e-6
# Tables that are looked for at random, before the counts that they leave narrow are pushed one by one.
_RANDOM_TABLES = 10


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


class _Constraint(NamedTuple):
    """Counts with their signs, which sum up to 0, or to no less."""

    terms: tuple[tuple[_Variable, int], ...]
    is_equality: bool = True


# Numbers of variables with their signs, what they sum up to, and whether exactly.
_Equation = tuple[tuple[tuple[int, int], ...], int, bool]
_Bounds = tuple[int, int]
# Relations of cohorts, each with the tables that it holds of: items and dimensions.
_Sums = dict[Relation, dict[tuple[str, str], None]]


def audit(
    internal: pa.Table, public: pa.Table, cube: ConfidentialCube, limits: DisclosureLimits
) -> tuple[FeasibilityInterval, ...]:
    """Unsafe cells of the public cube of a wave; both tables are `gap_cube`, its confidential cohorts are audited.

    The cube tells what kinds of items there are and which cohorts share cities. What an outer cohort has more than an
    inner one is a cohort as well: everybody can subtract.
    """
    known = _Known(
        cube.dimensions - {ALL},
        cube.overlaps,
        tuple((code, parts, code in cube.unions) for code, parts in sorted(cube.compounds.items())),
        limits,
    )
    multiples, sums = cube.multiples, {cell.key for cell in cube.sums}
    rows = [
        _Row.of(key, row, shown, multiples)._replace(is_sum=key in sums, is_open=key in cube.open_keys)
        for key, row, shown in _pair_rows(internal, public, cube)
    ]
    names = _name_systems({row.key.item for row in rows}, known)
    systems: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        systems[names[row.key.item]].append(row)
    # In one order, whatever that of the tables: what was solved for a draft is not solved again for its files.
    found = [_find_unsafe(tuple(sorted(own, key=lambda row: row.key)), known) for own in systems.values()]
    return tuple(sorted({interval for own in found for interval in own}))


class _Known(NamedTuple):
    """What everybody knows besides the tables: dimensions, cohorts' shared cities, what compounds are made of, limits.

    Of a compound: its code, its answers, and whether it is of all that gave any of them.
    """

    dimensions: frozenset[str]
    overlaps: Overlaps
    compounds: tuple[tuple[str, tuple[tuple[str, str], ...], bool], ...]
    limits: DisclosureLimits


def _pair_rows(
    internal: pa.Table, public: pa.Table, cube: ConfidentialCube
) -> Iterable[tuple[Key, tuple[Any, ...], tuple[Any, ...]]]:
    """Rows of the whole cube that are audited, each with what the public one shows."""
    shown = {row[:5]: row for row in _list_rows(public)}
    for row in _list_rows(internal):
        if _is_audited(key := Key(*row[:5]), cube):
            yield key, row, shown[row[:5]]


def _is_audited(key: Key, cube: ConfidentialCube) -> bool:
    """Whether a row is a cell, of no condition of its cohort, or a compound."""
    is_guarded = key[:2] in cube.guarded and key.dimension in cube.dimensions
    return (is_guarded and not is_by_definition(key, cube.conditions)) or key.item in cube.compounds


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
    is_hidden: bool
    # Of cells: hidden with them, and not sensitive by itself.
    is_sum: bool = False
    # Public by itself.
    is_open: bool = False

    @property
    def n(self) -> int:
        """Responses in the count."""
        return self.counts.n or 0

    @classmethod
    def of(cls, key: Key, row: Sequence[Any], shown: Sequence[Any], multiples: Collection[str]) -> _Row:
        """Row of the internal cube with that of the public one."""
        is_hidden = row[6] is not None and shown[6] is None
        return cls(key, row[5], key.item in multiples, _Counts(*row[6:]), _Counts(*shown[6:]), is_hidden)

    @property
    def external_bound(self) -> int:
        """Responses that could be in the count."""
        return self.counts.answered_n or 0

    def subtract(self, inner: _Row, cohort: str) -> _Row:
        """What is left without the inner cohort; it is known where both are shown."""
        counts, shown = (
            _Counts(*map(_subtract, *both)) for both in ((self.counts, inner.counts), (self.shown, inner.shown))
        )
        return self._replace(key=self.key._replace(cohort=cohort), counts=counts, shown=shown, is_hidden=False)

    def find_primary_reason(self, limits: DisclosureLimits) -> Reason | None:
        """Why the count is sensitive by itself."""
        if self.is_sum or self.is_open:
            return None
        n, base_n, answered_n, _ = (count or 0 for count in self.counts)
        return find_primary_reason(n, base_n, answered_n, is_multiple=self.is_multiple, limits=limits)


COLUMNS = (*(f"{name}_code" for name in Key._fields), "choice_kind", *_Counts._fields)


def _list_rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    """Rows of a cube: key, kind and counts."""
    return zip(*(table[name].to_pylist() for name in COLUMNS), strict=True)


def _add_differences(rows: dict[Key, _Row], overlaps: Overlaps) -> _Sums:
    """Add the rows of what cohorts leave; each relation with the tables, of all of its cohorts, that it holds of."""
    tables: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows.values():
        tables[row.key.cohort, *_get_table(row.key)].append(row)
    sums: _Sums = defaultdict(dict)
    for table in dict.fromkeys(map(_get_table, list(rows))):
        for relation in overlaps.list_relations(table):
            inner, rest = relation.parts[0], relation.parts[-1]
            if (relation.whole, *table) not in tables or (inner, *table) not in tables:
                continue
            if DIFFERENCE in rest and (rest, *table) not in tables:
                is_told = overlaps.is_told_by_answers(rest)
                left = _subtract_rows(tables[relation.whole, *table], tables[inner, *table], rest, is_told=is_told)
                tables[rest, *table] = left
                rows |= {row.key: row for row in left}
            if (rest, *table) in tables:
                sums[relation][table] = None
    return sums


def _subtract_rows(outer: Iterable[_Row], inner: Iterable[_Row], name: str, *, is_told: bool) -> list[_Row]:
    """What an outer cohort has more than its inner one; a row that the inner one has not is known to count nobody."""
    own = {row.key._replace(cohort=""): row for row in inner}
    groups = {_get_group(key): row for key, row in own.items()}
    left = []
    for row in outer:
        key = row.key._replace(cohort="")
        found = own.get(key) or _count_nobody(row, groups.get(_get_group(key)))
        left.append(row.subtract(found, name)._replace(is_open=row.is_open and not is_told))
    return left


def _count_nobody(row: _Row, sibling: _Row | None) -> _Row:
    """A count of nobody, in a group whose sizes another row of it tells, or which has no members."""
    if sibling is None:
        return row._replace(counts=_NOBODY, shown=_NOBODY)
    return row._replace(counts=sibling.counts._replace(n=0), shown=sibling.shown._replace(n=0))


def _get_group(key: Key) -> Key:
    return key._replace(choice="")


def _get_table(key: Key) -> tuple[str, str]:
    return key.item, key.dimension


def _bound_by_outer(rows: Mapping[Key, _Row], sums: _Sums) -> dict[Key, int]:
    """Width (Fréchet) that a shown count of an outer cohort leaves to each of the two that it falls apart into."""
    widths: dict[Key, int] = {}
    for outer in rows.values():
        for relation in sums if outer.shown.n is not None and DIFFERENCE not in outer.key.cohort else ():
            inner = rows.get(outer.key._replace(cohort=relation.parts[0]))
            is_whole = outer.key.cohort == relation.whole and _get_table(outer.key) in sums[relation]
            if is_whole and inner is not None and len(relation.parts) > 1:
                rest_bound = outer.external_bound - inner.external_bound
                width = min(outer.n, inner.external_bound) - max(0, outer.n - rest_bound)
                for cohort in relation.parts:
                    for key in (outer.key._replace(cohort=cohort), _transpose(outer.key)._replace(cohort=cohort)):
                        widths[key] = min(width, widths.get(key, width))
    return widths


def _transpose(key: Key) -> Key:
    """The same count in the table of the dimension, where that is an item too."""
    return Key(key.cohort, key.dimension, key.member, key.item, key.choice)


def _name_systems(items: Iterable[str], known: _Known) -> dict[str, str]:
    """System that each item is part of: dimensions are one, and a need with the items that it is made of."""
    unions = [{code, *(item for item, _ in parts)} for code, parts, is_union in known.compounds if is_union]
    systems: dict[str, set[str]] = {}
    for tied in (set(known.dimensions), *unions, *({item} for item in sorted(items))):
        joined = tied.union(*(systems[item] for item in tied if item in systems))
        systems |= dict.fromkeys(joined, joined)
    return {item: min(joined) for item, joined in systems.items()}


@lru_cache(maxsize=1024)
def _find_unsafe(own: tuple[_Row, ...], known: _Known) -> list[FeasibilityInterval]:
    """Unsafe counts of one system; one that shows the same as before is not solved again."""
    rows = {row.key: row for row in own}
    sums = _add_differences(rows, known.overlaps)
    system = _System(known, sums, _bound_by_outer(rows, sums))
    for row in rows.values():
        system.add(row)
    return system.find_unsafe()


class _System:
    """System of the counts of one item, or of the dimensions, which are items of each other."""

    def __init__(self, known: _Known, sums_of_cohorts: _Sums, outer_widths: Mapping[Key, int]) -> None:
        self.known = known
        self.sums_of_cohorts = sums_of_cohorts
        self.dimensions = known.dimensions
        self.outer_widths = outer_widths
        self.values: dict[_Variable, int] = {}
        self.shown: set[_Variable] = set()
        self.answers: dict[_Variable, _Row] = {}
        self.variables: dict[Key, _Variable] = {}
        self.groups: dict[Key, tuple[_Variable, _Variable, _Variable]] = {}
        self.sums: dict[tuple[str, _Variable], dict[_Variable, None]] = defaultdict(dict)
        # Choices of those that answered: of which each has one, or several.
        self.levels: dict[_Variable, list[_Variable]] = defaultdict(list)
        self.menus: dict[_Variable, list[_Variable]] = defaultdict(list)

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
        (self.menus if row.is_multiple or row.is_sum else self.levels)[answered].append(variable)

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

    def find_unsafe(self) -> list[FeasibilityInterval]:
        """Intervals that are narrower than their protection level, and than the totals alone would leave them."""
        constraints = self._list_constraints()
        levels = {variable: level for variable, row in self.answers.items() if (level := self._get_level(row))}
        if self._shows_totals_alone():
            levels = {variable: level for variable, level in levels.items() if variable.is_total}
            constraints = [one for one in constraints if all(variable.is_total for variable, _ in one.terms)]
        intervals = self._find_intervals(self.shown, constraints, levels)
        narrow = [variable for variable, level in levels.items() if _get_width(intervals[variable]) < level]
        unsafe = []
        for is_total in {variable.is_total for variable in narrow}:
            own = {variable: levels[variable] for variable in narrow if variable.is_total is is_total}
            # All answers that could have been suppressed: those of groups, and of whole cohorts for a total.
            suppressible = {
                variable
                for variable, row in self.answers.items()
                if (is_total or not variable.is_total) and (DIFFERENCE in row.key.cohort or not row.is_open)
            }
            attainable = self._find_intervals(self.shown - suppressible, constraints, own)
            for variable, wanted in own.items():
                level = min(_get_width(attainable[variable]), wanted)
                if _get_width(intervals[variable]) < level:
                    unsafe.append(FeasibilityInterval(variable.key, *intervals[variable], level))
        return unsafe

    def _list_constraints(self) -> list[_Constraint]:
        equal = [([variable], other) for variable, other in self._list_equal()]
        # Of what a condition settles there are groups without a row of all: they sum up to nothing that is shown.
        sums = [(parts, total) for (_, total), parts in self.sums.items() if total in self.values]
        levels = [(parts, answered) for answered, parts in self.levels.items()]
        found = [
            _Constraint((*((part, 1) for part in parts), (total, -1)))
            for parts, total in (*sums, *levels, *equal, *self._list_sums_of_cohorts())
        ]
        for answered, choices in self.menus.items():
            found += [_Constraint(((answered, 1), (choice, -1)), is_equality=False) for choice in choices]
            if answered.key.item not in {code for code, *_ in self.known.compounds}:
                # Who ticked nothing did not answer.
                found.append(_Constraint((*((choice, 1) for choice in choices), (answered, -1)), is_equality=False))
        return [*found, *self._list_ties()]

    def _list_ties(self) -> Iterable[_Constraint]:
        """A need has all cities that gave one of its answers, and no others."""
        unions = {code: parts for code, parts, is_union in self.known.compounds if is_union}
        for key, compound in self.variables.items():
            if key.item in unions and DIFFERENCE not in key.cohort:
                keys = (key._replace(item=item, choice=choice) for item, choice in unions[key.item])
                parts = [self.variables[part] for part in keys if part in self.variables]
                is_sum = self.answers[compound].is_sum if compound in self.answers else False
                for part in parts if not is_sum else ():
                    yield _Constraint(((compound, 1), (part, -1)), is_equality=False)
                if parts:
                    yield _Constraint((*((part, 1) for part in parts), (compound, -1)), is_equality=is_sum)

    def _get_level(self, row: _Row) -> float:
        """Protection level of a count, a shown one that is sensitive included; no more than an outer cohort leaves."""
        limits = self.known.limits
        reason = row.find_primary_reason(limits) or (Reason.COMPLEMENT if row.is_hidden else None)
        level = get_protection_level(reason, limits)
        return min(level, self.outer_widths.get(row.key, level), self._get_width_by_totals(row)) if level else 0

    def _get_width_by_totals(self, row: _Row) -> float:
        """Width (Fréchet) that the shown totals of the count leave it at most."""
        size = row.shown.answered_n
        if size is None or row.key.dimension == ALL:
            return math.inf if size is None else size
        total = self.answers.get(_Variable(row.key._replace(dimension=ALL, member=ALL)))
        if total is None or total.shown.n is None or total.shown.answered_n is None:
            return size
        n, whole = total.shown.n, total.shown.answered_n
        return min(n, size) - max(0, n + size - whole)

    def _find_intervals(
        self, shown: Collection[_Variable], constraints: Sequence[_Constraint], asked: Mapping[_Variable, float]
    ) -> dict[_Variable, _Bounds]:
        """Feasibility intervals of counts, each searched until it is as wide as asked, by connected parts."""
        used = {variable for one in constraints for variable, _ in one.terms}
        unknown = [variable for variable in self.values if variable in used and variable not in shown]
        index = {variable: number for number, variable in enumerate(unknown)}
        equations = {self._write_equation(one, index): None for one in constraints}
        intervals = {variable: (self.values[variable], self.values[variable]) for variable in asked}
        for numbers, own in _split(len(unknown), [equation for equation in equations if equation[0]]):
            variables = [unknown[number] for number in numbers]
            if any(variable in asked for variable in variables):
                counts = tuple((self.values[variable], asked.get(variable, 0)) for variable in variables)
                # Numbered from 0: equal parts of several systems are one to the cache, and are solved once.
                place = {number: position for position, number in enumerate(numbers)}
                local = tuple((tuple((place[number], sign) for number, sign in terms), *more) for terms, *more in own)
                intervals.update(zip(variables, _solve_attacker_problems(counts, local), strict=True))
        return intervals

    def _write_equation(self, constraint: _Constraint, index: Mapping[_Variable, int]) -> _Equation:
        """The unknown terms of a constraint with their signs, and what they sum up to by the known ones."""
        total = sum(sign * self.values[variable] for variable, sign in constraint.terms)
        if total < 0 or (total and constraint.is_equality):
            values = ", ".join(
                f"{sign * self.values[one]:+} {'/'.join(one.key)} {one.kind}" for one, sign in constraint.terms
            )
            raise ValueError(
                f"counts that belong together do not sum up: {values}; the audit needs all rows of a group"
            )
        terms = tuple((index[variable], sign) for variable, sign in constraint.terms if variable in index)
        known = sum(sign * self.values[variable] for variable, sign in constraint.terms if variable not in index)
        return terms, -known, constraint.is_equality

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

    def _list_sums_of_cohorts(self) -> Iterable[tuple[list[_Variable], _Variable]]:
        by_table: dict[tuple[str, ...], list[_Variable]] = defaultdict(list)
        for variable in self.values:
            by_table[variable.key.cohort, *_get_table(variable.key)].append(variable)
        for relation, tables in self.sums_of_cohorts.items():
            for table in tables:
                for whole in by_table[relation.whole, *table]:
                    parts = (whole._replace(key=whole.key._replace(cohort=cohort)) for cohort in relation.parts)
                    if own := [part for part in parts if part in self.values]:
                        yield own, whole


def _get_width(interval: _Bounds) -> int:
    return interval[1] - interval[0]


def _split(size: int, equations: Sequence[_Equation]) -> Iterable[tuple[list[int], list[_Equation]]]:
    """Connected parts of a system of equations: the variables of each, and its equations."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = [(terms[0][0], number) for terms, *_ in equations for number, _ in terms]
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
def _solve_attacker_problems(
    counts: tuple[tuple[int, float], ...], equations: tuple[_Equation, ...]
) -> tuple[_Bounds, ...]:
    """Feasibility interval of each count, given with the width that is asked for."""
    attacker = _Attacker([value for value, _ in counts], equations)
    attacker.widen({number: width for number, (_, width) in enumerate(counts) if width})
    return tuple(zip(attacker.low, attacker.high, strict=True))


class _Attacker:
    """HiGHS on a system of counts: each table that shows the same widens the intervals of all of them.

    A table of the linear relaxation counts where it happens to be of whole numbers, as most are: only where it is not,
    the integer problem is solved.
    """

    def __init__(self, values: Sequence[int], equations: Sequence[_Equation]) -> None:
        import highspy
        import numpy as np

        self.low, self.high = list(values), list(values)
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
            self.highs.setOptionValue(option, value)
        self.optimal = highspy.HighsModelStatus.kOptimal
        size = len(values)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = size, len(equations)
        # More than any count: what adds up is bounded by its sum.
        most = 10.0 * (sum(values) + 100)
        model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(size), np.zeros(size), np.full(size, most)
        model.row_lower_ = [float(constant) for _, constant, _ in equations]
        model.row_upper_ = [float(constant) if exact else highspy.kHighsInf for _, constant, exact in equations]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, *_ in equations)])
        model.a_matrix_.index_ = [number for terms, *_ in equations for number, _ in terms]
        model.a_matrix_.value_ = [float(sign) for terms, *_ in equations for _, sign in terms]
        model.integrality_ = [highspy.HighsVarType.kInteger] * size
        self.highs.passModel(model)
        self.costs = np.zeros(size)

    def widen(self, wanted: Mapping[int, float]) -> None:
        """Look for other tables until each count's interval is as wide as wanted, or is known not to be."""
        chance = random.Random(0)  # noqa: S311  # nosec B311 - directions of search, no secret
        for _ in range(_RANDOM_TABLES):
            if len(lacking := self._list_lacking(wanted)) > 1:
                self._push({number: chance.choice((-1, 1)) for number in lacking}, is_relaxed=True)
        for number, width in wanted.items():
            for sign in (1, -1):
                if self.high[number] - self.low[number] < width:
                    farthest = self._push({number: sign}, is_relaxed=True)
                    seen = sign * (self.high if sign > 0 else self.low)[number]
                    if math.floor(farthest + _TOLERANCE) > seen:
                        self._push({number: sign}, is_relaxed=False)

    def _list_lacking(self, wanted: Mapping[int, float]) -> list[int]:
        return [number for number, width in wanted.items() if self.high[number] - self.low[number] < width]

    def _push(self, signs: Mapping[int, int], *, is_relaxed: bool) -> float:
        """The table in which counts are largest, by their signs: the sum of these."""
        import numpy as np

        costs = np.zeros(len(self.costs))
        for number, sign in signs.items():
            costs[number] = -sign
        changed = np.flatnonzero(costs != self.costs)
        self.highs.changeColsCost(len(changed), changed.astype(np.int32), costs[changed])
        self.costs = costs
        # The last table still is one of the relaxation: the primal simplex goes on from there.
        options = {"solve_relaxation": is_relaxed, "presolve": "off" if is_relaxed else "on", "simplex_strategy": 4}
        for option, value in options.items():
            self.highs.setOptionValue(option, value)
        self.highs.run()
        if self.highs.getModelStatus() != self.optimal:
            raise RuntimeError(f"HiGHS did not solve an attacker's problem: {self.highs.getModelStatus()}")
        values = np.array(self.highs.getSolution().col_value)
        whole = np.rint(values)
        if abs(values - whole).max(initial=0.0) < _TOLERANCE:
            self.low = [min(pair) for pair in zip(self.low, whole.astype(int).tolist(), strict=True)]
            self.high = [max(pair) for pair in zip(self.high, whole.astype(int).tolist(), strict=True)]
        return float(-costs @ values)


def _subtract(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part
