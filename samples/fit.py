"""Each crosstab as a small integer problem: so many of each stratum give each answer.

Belongs here: counts by size, target status and answer that miss the printed cells by as little as
possible. Not here: what is printed (crosstabs.py), and who of a stratum gives the answer (answers.py).

Every respondent answers every item, unless a figure prints fewer answers (Figure 32, technical
knowledge). A blank cell of a table counts as 0; a row that the text lost is unknown. Solved in three
steps: least total absolute deviation; then nearest to the counts that the prose states; then nearest to
even shares over the strata, with a weight a cell that makes the answer unique.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from samples import noise
from samples.crosstabs import ITEMS, SAID, Item, Printed, answers_n, choices, printed, strata

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExprT

WHY = {
    "7": "columns Fragmented and Other are swapped against Table 6 and Figure 9",
    "9": "row Small sums to 25 of 26 cities",
    "10": "row Existing sums to 31 of 33 cities",
    "12": "row Planned sums to 26 of 25 cities",
    "13": "Figure 17 has 9 cities without a plan and 27 with both, Table 13 has 8 and 28",
    "21": "row Existing sums to 35 of 33 cities",
    "25": "level totals contradict Table 24 and Figures 23 and 32",
    "26": "rows Metropolitan and Medium-size are swapped: they sum to 13 and 8",
    "29": "row Towns sums to 13 of 14 cities",
    "36": "repeats Table 32; level totals contradict Table 35",
}

Counts = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class Deviation:
    """A printed cell that the responses miss."""

    cell_id: str
    published: int
    generated: int
    why: str


@dataclass(frozen=True)
class Fit:
    """Answers of an item by (size, target, choice), and the cells missed."""

    item: Item
    counts: Counts
    deviations: tuple[Deviation, ...]

    @property
    def objective(self) -> int:
        """Total absolute deviation."""
        return sum(abs(cell.published - cell.generated) for cell in self.deviations)


class _Problem:
    """One item as an integer program over (size, target, choice)."""

    def __init__(self, item: Item) -> None:
        from ortools.sat.python import cp_model

        self.item = item
        self.cells = printed(item)
        self.model: CpModel = cp_model.CpModel()
        self.names = list(choices(item).values())
        self.n = {
            (size, target, choice): self.model.new_int_var(0, people, f"{size}.{target}.{choice}")
            for (size, target), people in strata().items()
            for choice in self.names
        }
        for (size, target), people in strata().items():
            total = sum(self.n[size, target, choice] for choice in self.names)
            self.model.add(total <= people)
        self.model.add(sum(self.n.values()) == answers_n(item))

    def total(self, size: str | None, target: str | None, names: Iterable[str]) -> LinearExprT:
        wanted = set(names)
        return sum(
            var
            for (s, t, choice), var in self.n.items()
            if choice in wanted and size in (None, s) and target in (None, t)
        )

    def distance(self, expression: LinearExprT, goal: int) -> IntVar:
        gap = self.model.new_int_var(0, 100_000, "")
        self.model.add_abs_equality(gap, expression - goal)
        return gap

    def misses(self) -> list[tuple[Printed, IntVar]]:
        return [
            (cell, self.distance(self.total(cell.size, cell.target, [cell.choice]), cell.count)) for cell in self.cells
        ]

    def said(self) -> LinearExprT:
        return sum(
            self.distance(self.total(said.size, said.target, said.choices), said.count)
            for said in SAID.get(self.item.question, ())
        )

    def even(self, misses: list[tuple[Printed, IntVar]]) -> LinearExprT:
        """Prefer misses in printed cells of tables by target; then shares as even as the strata allow."""
        preference = sum(gap for cell, gap in misses if cell.size or cell.is_blank)
        spread = sum(self.distance(100 * var, _expected(self.cells, key)) for key, var in self.n.items())
        unique = sum(noise.bits(self.item.question, *key) % 997 * var for key, var in self.n.items())
        return preference * 10**8 + spread * 1000 + unique

    def minimise(self, objective: LinearExprT) -> Counts:
        """The optimum, which later steps keep."""
        from ortools.sat.python import cp_model

        self.model.minimize(objective)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        status = solver.solve(self.model)
        if status != cp_model.OPTIMAL:
            raise RuntimeError(f"{self.item.question}: no optimum ({solver.status_name(status)})")
        self.model.add(objective <= round(solver.objective_value))
        return {key: solver.value(var) for key, var in self.n.items()}


def _expected(cells: list[Printed], key: tuple[str, str, str]) -> int:
    """Hundredths of respondents to expect in a stratum: mean of the printed shares of its size and target."""
    size, target, choice = key
    people = strata()
    shares = []
    for cell in cells:
        if cell.choice != choice or cell.size not in (None, size) or cell.target not in (None, target):
            continue
        base = sum(n for (s, t), n in people.items() if cell.size in (None, s) and cell.target in (None, t))
        shares.append(cell.count / base)
    return round(100 * people[size, target] * sum(shares) / max(1, len(shares)))


def fit(item: Item) -> Fit:
    """The best answers of an item, the same on every machine."""
    problem = _Problem(item)
    misses = problem.misses()
    problem.minimise(sum(gap for _, gap in misses))
    problem.minimise(problem.said())
    counts = problem.minimise(problem.even(misses))
    return Fit(item, counts, tuple(_deviations(problem.cells, counts)))


def _deviations(cells: list[Printed], counts: Counts) -> list[Deviation]:
    found = []
    for cell in cells:
        generated = sum(
            n
            for (size, target, choice), n in counts.items()
            if choice == cell.choice and cell.size in (None, size) and cell.target in (None, target)
        )
        if generated != cell.count:
            why = WHY.get(cell.table, "")
            if cell.is_blank:
                why += "; blank in print"
            found.append(Deviation(cell.cell_id, cell.count, generated, why))
    return found


@cache
def fits() -> tuple[Fit, ...]:
    """All items of the report's crosstabs and Figures 17, 21, 23 and 32."""
    return tuple(fit(item) for item in ITEMS)
