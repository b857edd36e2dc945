"""Which of many claims are wrong: the least of them whose withdrawal lets all others be true at once.

Minimal diagnosis (Reiter 1987, Artificial Intelligence 32: 57-95) as a mixed-integer program, one a connected
component, solved by HiGHS. Not here: what the numbers of a report claim (contradictions.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Variable = tuple[Any, ...]
Expression = Mapping[Variable, float]

# Costs are multiples of a twentieth.
_TOLERANCE = 1e-3
_SIDES_MAX = 12


class Claim(NamedTuple):
    """What somebody says; what is said may fail in part (`part`), as a share that is only rounded otherwise."""

    name: str
    part: str = ""


@dataclass(frozen=True)
class Constraint:
    """`low <= sum of coefficient x variable <= high` while the claim is right; without a claim it is logic."""

    terms: Expression
    low: float
    high: float
    claim: Claim | None = None


@dataclass
class System:
    """Variables with their bounds, and what is known and claimed of them; a claim costs what its withdrawal costs."""

    bounds: dict[Variable, tuple[float, float]] = field(default_factory=dict)
    real: set[Variable] = field(default_factory=set)
    constraints: list[Constraint] = field(default_factory=list)
    costs: dict[Claim, float] = field(default_factory=dict)
    # What a claim is the value of: an expression, or the percentage of two.
    shown: dict[str, tuple[Expression, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspicion:
    """Names of claims that are wrong: those of one of the sides; with a single side there is no doubt."""

    sides: tuple[frozenset[str], ...]
    parts: frozenset[Claim]
    expected: Mapping[str, float | None]


@dataclass(frozen=True)
class Diagnosis:
    """The suspicions of one component, what they cost together, and a value of each variable that goes with them."""

    cost: float
    claims: frozenset[str]
    suspicions: tuple[Suspicion, ...]
    values: Mapping[Variable, float]


def diagnose(system: System, known: dict[Hashable, Diagnosis] | None = None) -> list[Diagnosis]:
    """The least diagnosis of each component, with what could be accused in its place at the same cost.

    `known` keeps the diagnoses of components between systems that share them.
    """
    known = {} if known is None else known
    diagnoses = []
    for constraints in _split(system):
        rows = tuple((one.claim, one.low, one.high, tuple(one.terms.items())) for one in constraints)
        key = (rows, tuple(system.bounds[name] for one in constraints for name in one.terms))
        if key not in known:
            known[key] = _Component(system, constraints).diagnose()
        diagnoses.append(known[key])
    return diagnoses


def judge_claim(system: System, name: str) -> Suspicion | None:
    """Whether a claim can stand beside all others as they are; if not, it is wrong, or one of two sides of a tie."""
    for constraints in _split(system):
        if any(one.claim and one.claim.name == name for one in constraints):
            return _Component(system, constraints).judge(name)
    return None


def least_cost(system: System, limit: float = float("inf")) -> float:
    """What the least diagnosis of a whole system costs; infinite where that is more than a limit."""
    cost = 0.0
    for constraints in _split(system):
        if cost <= limit:
            cost += _Component(system, constraints).solve(limit=limit - cost if limit < float("inf") else None).cost
    return cost if cost <= limit else float("inf")


def _split(system: System) -> Iterator[list[Constraint]]:
    """Constraints that hang together by a free variable or a claim; only those that rest on some claim matter."""
    leaders: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        while (above := leaders.setdefault(node, node)) != node:
            leaders[node] = node = leaders[above]
        return node

    nodes = []
    for constraint in system.constraints:
        own: list[Hashable] = [("variable", name) for name in constraint.terms if _is_free(system.bounds[name])]
        own += [("claim", constraint.claim.name)] if constraint.claim else []
        nodes.append(own)
        for node in own[1:]:
            leaders[find(node)] = find(own[0])
    groups: dict[Hashable, list[Constraint]] = defaultdict(list)
    for constraint, own in zip(system.constraints, nodes, strict=True):
        if own:
            groups[find(own[0])].append(constraint)
    return (group for group in groups.values() if any(constraint.claim for constraint in group))


def _is_free(bounds: tuple[float, float]) -> bool:
    return bounds[0] < bounds[1]


class _Solution(NamedTuple):
    cost: float
    accused: frozenset[Claim]
    values: Mapping[Variable, float]


class _Component:
    """The program of one component: its free variables, then a binary a claim, 1 where the claim is withdrawn."""

    def __init__(self, system: System, constraints: Sequence[Constraint]) -> None:
        import highspy
        import numpy as np

        self.system = system
        self.claims = list(dict.fromkeys(one.claim for one in constraints if one.claim))
        free = dict.fromkeys(name for one in constraints for name in one.terms if _is_free(system.bounds[name]))
        self.columns: dict[Hashable, int] = {key: column for column, key in enumerate((*free, *self.claims))}
        self.free = list(free)
        self.lower = np.array([*(system.bounds[name][0] for name in free), *(0.0 for _ in self.claims)])
        self.upper = np.array([*(system.bounds[name][1] for name in free), *(1.0 for _ in self.claims)])
        self.costs = np.array([*(0.0 for _ in free), *(system.costs[claim] for claim in self.claims)])
        rows = [row for one in constraints for row in self._rows(one)]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.columns), len(rows)
        model.col_cost_, model.col_lower_, model.col_upper_ = self.costs, self.lower, self.upper
        model.row_lower_, model.row_upper_ = [low for _, low, _ in rows], [high for _, _, high in rows]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in rows)])
        model.a_matrix_.index_ = [column for terms, _, _ in rows for column, _ in terms]
        model.a_matrix_.value_ = [value for terms, _, _ in rows for _, value in terms]
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kContinuous if name in system.real else kinds.kInteger for name in self.columns]
        self.highs = highspy.Highs()
        # Within looser tolerances a binary that is nearly 0 withdraws a claim for nothing.
        tolerances = ("mip_rel_gap", "mip_feasibility_tolerance", "primal_feasibility_tolerance")
        options = {"output_flag": False, "threads": 1, **dict.fromkeys(tolerances, 1e-9)}
        for option, value in options.items():
            self.highs.setOptionValue(option, value)
        self.optimal = highspy.HighsModelStatus.kOptimal
        self.highs.passModel(model)

    def _rows(self, one: Constraint) -> Iterator[tuple[list[tuple[int, float]], float, float]]:
        """The rows of a constraint. A withdrawn claim widens its limits to all that its variables can sum to."""
        terms = [(self.columns[name], value) for name, value in one.terms.items() if name in self.columns]
        fixed = sum(
            value * self.system.bounds[name][0] for name, value in one.terms.items() if name not in self.columns
        )
        low, high = one.low - fixed, one.high - fixed
        if one.claim is None:
            yield terms, low, high
            return
        claim = self.columns[one.claim]
        ends = [sorted((value * self.lower[column], value * self.upper[column])) for column, value in terms]
        if (slack := low - sum(end[0] for end in ends)) > 0:
            yield [*terms, (claim, slack)], low, float("inf")
        if (slack := sum(end[1] for end in ends) - high) > 0:
            yield [*terms, (claim, -slack)], -float("inf"), high

    def solve(
        self,
        kept: Collection[Claim] = (),
        withdrawn: Collection[Claim] = (),
        not_all: Sequence[Collection[Claim]] = (),
        objective: Any = None,
        limit: float | None = None,
    ) -> _Solution:
        """The cheapest diagnosis in which some claims stand and others fall; infinite cost where there is none."""
        import numpy as np

        bounds = [(self.columns[claim], 0.0, 0.0) for claim in kept]
        bounds += [(self.columns[claim], 1.0, 1.0) for claim in withdrawn]
        for column, low, high in bounds:
            self.highs.changeColBounds(column, low, high)
        rows_n = self.highs.getNumRow()
        for claims in not_all:
            columns = np.array([self.columns[claim] for claim in claims], dtype=np.int32)
            self.highs.addRow(-np.inf, len(claims) - 1.0, len(columns), columns, np.ones(len(columns)))
        if limit is not None:
            columns = np.flatnonzero(self.costs).astype(np.int32)
            self.highs.addRow(-np.inf, limit, len(columns), columns, self.costs[columns])
        self._set_costs(self.costs if objective is None else objective)
        self.highs.run()
        found = np.array(self.highs.getSolution().col_value)
        is_found = self.highs.getModelStatus() == self.optimal
        for column, _, _ in bounds:
            self.highs.changeColBounds(column, self.lower[column], self.upper[column])
        if added_n := self.highs.getNumRow() - rows_n:
            self.highs.deleteRows(added_n, np.arange(rows_n, rows_n + added_n, dtype=np.int32))
        if not is_found:
            return _Solution(float("inf"), frozenset(), {})
        accused = frozenset(claim for claim in self.claims if found[self.columns[claim]] > 0.5)
        values = {name: float(found[column]) for column, name in enumerate(self.free)}
        return _Solution(float(self.costs @ found), accused, values)

    def _set_costs(self, costs: Any) -> None:
        import numpy as np

        columns = np.arange(len(costs), dtype=np.int32)
        self.highs.changeColsCost(len(columns), columns, np.asarray(costs, dtype=float))

    def diagnose(self) -> Diagnosis:
        best = self.solve()
        names = frozenset(claim.name for claim in self.claims)
        if best.cost < _TOLERANCE:
            return Diagnosis(0.0, names, (), best.values)
        ties: list[list[frozenset[Claim]]] = []
        open_names = dict.fromkeys(claim.name for claim in self.claims if claim in best.accused)
        while open_names:
            ties.append(self._find_sides(best, next(iter(open_names))))
            for name in _names(ties[-1][0]):
                open_names.pop(name, None)
        suspects = frozenset(claim for sides in ties for side in sides for claim in side)
        suspicions = tuple(self._describe(best.cost, sides, suspects) for sides in ties)
        return Diagnosis(best.cost, names, suspicions, best.values)

    def judge(self, name: str) -> Suspicion | None:
        own = self._parts_of([name])
        withdrawn = self.solve(withdrawn=own)
        if self.solve(own, limit=withdrawn.cost - _TOLERANCE).cost < withdrawn.cost:
            return None
        sides = self._find_sides(withdrawn, name)
        return self._describe(withdrawn.cost, sides, frozenset(claim for side in sides for claim in side))

    def _find_sides(self, best: _Solution, name: str) -> list[frozenset[Claim]]:
        """What could be withdrawn in its place at the same cost: first with all others as they are, then freely."""
        limit = best.cost + _TOLERANCE
        own = frozenset(claim for claim in best.accused if claim.name == name)
        others = best.accused - own
        sides = [own]
        while len(sides) < _SIDES_MAX:
            found = self.solve(self._parts_of([name]), others, sides[1:], limit=limit)
            if not found.accused:
                break
            sides.append(found.accused - others)
        if len(sides) > 1:
            return sides
        others = frozenset()
        while len(sides) < _SIDES_MAX:
            found = self.solve(self._parts_of([name]), others, sides[1:], limit=limit)
            if not found.accused:
                break
            # What both share is no part of this tie; the first alternative says how much that is.
            if len(sides) == 1:
                others = best.accused & found.accused
                sides = [best.accused - found.accused]
            sides.append(found.accused - others)
        return sides

    def _parts_of(self, names: Iterable[str]) -> list[Claim]:
        wanted = set(names)
        return [claim for claim in self.claims if claim.name in wanted]

    def _describe(self, cost: float, sides: Sequence[frozenset[Claim]], suspects: frozenset[Claim]) -> Suspicion:
        expected: dict[str, float | None] = {}
        kept = [claim for claim in self.claims if claim not in suspects]
        for side in sides:
            for name in _names(side):
                shown = self.system.shown.get(name, ())
                expected[name] = _tell([self._find_value(expression, kept, side, cost) for expression in shown])
        return Suspicion(tuple(_names(side) for side in sides), frozenset(sides[0]), expected)

    def _find_value(
        self, expression: Expression, kept: Collection[Claim], withdrawn: Collection[Claim], cost: float
    ) -> float | None:
        """The value of an expression under every least diagnosis in which a side is wrong; None where it is open."""
        import numpy as np

        objective = np.zeros(len(self.columns))
        fixed = 0.0
        for name, value in expression.items():
            if name in self.columns:
                objective[self.columns[name]] += value
            elif not _is_free(self.system.bounds[name]):
                fixed += value * self.system.bounds[name][0]
            else:
                return None
        ends = []
        for sign in (1.0, -1.0):
            found = self.solve(kept, withdrawn, objective=sign * objective, limit=cost + _TOLERANCE)
            if not found.values and self.free:
                return None
            ends.append(sum(objective[self.columns[name]] * value for name, value in found.values.items()))
        low, high = sorted(ends)
        return round(float(fixed + (low + high) / 2.0), 6) if high - low < _TOLERANCE * max(1.0, abs(high)) else None


def _names(claims: Iterable[Claim]) -> frozenset[str]:
    return frozenset(claim.name for claim in claims)


def _tell(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    if len(known) == 1:
        return known[0]
    return 100.0 * known[0] / known[1] if known[1] else None
