"""The crosstabs of the report as small integer problems, one an item.

Belongs here: which item is printed where, and how many respondents of each stratum (city size × target status)
give which answer, so that the printed cells are missed by as little as possible. Not here: who of a stratum
gives it (see survey.py).

Every respondent answers every item, unless a figure prints fewer answers (Figure 32, technical knowledge). A blank
cell of a table counts as 0; a row that the text lost is unknown. Solved in three steps: least total absolute
deviation; then nearest to the counts that the prose states; then nearest to even shares over the strata, with a
weight a cell that makes the answer unique.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from samples import noise, published
from samples.codebook import load

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExprT

SIZES = ("large_metropolitan", "metropolitan", "medium", "small", "town")
TARGETS = ("no_target", "planned", "existing")
PLAN_TYPES = {
    "No plan": "none",
    "Only sectoral plans": "only_sectoral",
    "Sectoral and cross-sectoral plans": "both",
    "Only cross-sectoral plans": "only_cross_sectoral",
}
SYNONYMS = {"No climate budget in place": "No climate budget", "Not known": "Unsure"}
LOST_ROWS = {("15", "town"), ("20", "large_metropolitan")}
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

Stratum = tuple[str, str]
Counts = dict[tuple[str, str, str], int]


@dataclass(frozen=True)
class Item:
    """A question and where the report prints it; `plan_type` is derived from the question `plans`."""

    question: str
    by_size: int | None = None
    by_target: int | None = None
    figures: tuple[int, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A printed count: of one size or target or (a figure) of all; `is_blank` where the table leaves it out."""

    cell_id: str
    table: str
    size: str | None
    target: str | None
    choice: str
    count: int
    is_blank: bool = False


@dataclass(frozen=True)
class Said:
    """A count in prose that a table or figure does not fix: the report's line, who, and how many."""

    line: int
    choices: tuple[str, ...]
    count: int
    size: str | None = None
    target: str | None = None


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


ITEMS = (
    Item("admin_structure", 6, 7),
    Item("plan_type", 13, 12, (17,)),
    Item("rni_projects", 15, 14),
    Item("pr_planning", None, 17),
    Item("climate_budget", 19, 18, (21,)),
    Item("ghg_inventory", 26),
    Item("ch_ppp", None, None, (32,)),
    Item("ch_fragmentation", 9, 10, (32,)),
    Item("ch_geomorphic", None, None, (32,)),
    Item("ch_capital_cost", 22, 23, (23, 32)),
    Item("ch_admin_capacity", 27, 28, (32,)),
    Item("ch_technology", None, None, (32,)),
    Item("ch_citizens", None, None, (32,)),
    Item("ch_measuring", None, None, (32,)),
    Item("ch_funding", 20, 21, (23, 32)),
    Item("ch_political", None, 11, (32,)),
    Item("ch_finance_knowledge", None, None, (23, 32)),
    Item("ch_technical_knowledge", None, None, (32,)),
    Item("ch_market", 24, 25, (23, 32)),
    Item("ch_silos", None, None, (32,)),
    Item("sk_design", 29, 30),
    Item("sk_systemic", 31, 32),
    Item("sk_communication", 33, 34),
    Item("in_new_ideas", 35, 36),
)

HIGH = ("4", "5")
SAID: dict[str, tuple[Said, ...]] = {
    "admin_structure": (
        Said(917, ("cross_sectoral",), 20),
        Said(921, ("climate_office",), 9),
        Said(923, ("sectoral_department",), 12),
        Said(925, ("fragmented",), 15),
    ),
    "plan_type": (
        Said(1391, ("none",), 9),
        Said(1664, ("none", "only_sectoral"), 33),
        Said(1401, ("both", "only_cross_sectoral"), 29),
    ),
    "ghg_inventory": (
        Said(2265, ("not_undertaken",), 11),
        Said(2738, ("undertaken",), 41),
        Said(2870, ("not_undertaken",), 4, target="no_target"),
    ),
    "ch_fragmentation": (Said(1276, HIGH, 18, size="small"),),
    "ch_funding": (Said(1897, HIGH, 10, size="town"), Said(1897, HIGH, 16, size="small")),
    "ch_market": (
        Said(1919, HIGH, 19, size="small"),
        Said(1919, HIGH, 6, size="metropolitan"),
        Said(1919, HIGH, 25, target="existing"),
        Said(1921, HIGH, 16, target="planned"),
    ),
    "sk_design": (
        Said(2441, HIGH, 19, size="small"),
        Said(2441, HIGH, 6, size="metropolitan"),
        Said(2443, HIGH, 17, target="planned"),
        Said(2445, HIGH, 22, target="existing"),
    ),
    "in_new_ideas": (Said(2636, HIGH, 21, size="small"),),
}


def size_named(label: str) -> str | None:
    """The size class of a printed row or column label, if it is one."""
    for start, size in zip(("Large", "Metro", "Medium", "Small", "Town"), SIZES, strict=True):
        if label.startswith(start):
            return size
    return None


def target_named(label: str) -> str | None:
    """The target status of a printed row or column label, if it is one."""
    for start, target in zip(("No target", "Planned", "Existing"), TARGETS, strict=True):
        if label.startswith(start):
            return target
    return None


@cache
def strata() -> dict[Stratum, int]:
    """Respondents by size and target status: Table 3, which is free of contradiction."""
    counts: dict[Stratum, int] = {}
    for cell in published.of("table", 3):
        size, target = size_named(cell.row), target_named(cell.column)
        if size and target:
            counts[size, target] = int(cell.value)
    return counts


def choices(item: Item) -> dict[str, str]:
    """Choice names of an item by printed label, in codebook order."""
    if item.question == "plan_type":
        return PLAN_TYPES
    return {label: name for name, label in load("nmc_survey", "2024").labels(item.question).items()}


def _table(item: Item, number: int) -> list[Printed]:
    """Every cell of a crosstab, blanks as 0; some tables have the groups in the columns."""
    by_label = choices(item)
    groups: dict[str, tuple[str | None, str | None]] = {}
    values: dict[tuple[str, str], tuple[str, int]] = {}
    is_transposed = False
    for cell in published.of("table", number):
        is_transposed = size_named(cell.row) is None and target_named(cell.row) is None
        group, label = (cell.column, cell.row) if is_transposed else (cell.row, cell.column)
        groups[group] = (size_named(group), target_named(group))
        values[group, label] = (cell.cell_id, int(cell.value))
    cells = []
    for group, (size, target) in groups.items():
        for label, choice in by_label.items():
            row, column = (label, group) if is_transposed else (group, label)
            cell_id, count = values.get((group, label), (f"T{number}.{row}.{column}", 0))
            cells.append(
                Printed(cell_id, str(number), size, target, choice, count, (group, label) not in values)
            )
    return [cell for cell in cells if (cell.table, cell.size) not in LOST_ROWS]


def _figure(item: Item, number: int) -> list[Printed]:
    """The bars of one item; percentages (Figures 17 and 21) as counts of 62."""
    by_label = choices(item)
    rows = published.of("figure", number)
    if rows[0].row != "All NMCs":
        label = load("nmc_survey", "2024").question(item.question).label
        rows = [cell for cell in rows if cell.row == label]
    everyone = sum(strata().values())
    return [
        Printed(
            cell.cell_id,
            f"F{number}",
            None,
            None,
            by_label[SYNONYMS.get(cell.column, cell.column)],
            round(cell.value * everyone / 100) if cell.measure == "percent" else int(cell.value),
        )
        for cell in rows
    ]


def printed(item: Item) -> list[Printed]:
    """All printed cells of an item."""
    cells = [cell for number in item.figures for cell in _figure(item, number)]
    for number in (item.by_size, item.by_target):
        if number is not None:
            cells += _table(item, number)
    return cells


def answers_n(item: Item) -> int:
    """How many of the respondents answered: all, unless a figure of counts says less."""
    figures = [cell for cell in printed(item) if cell.table == "F32"]
    return sum(cell.count for cell in figures) if figures else sum(strata().values())


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
            (cell, self.distance(self.total(cell.size, cell.target, [cell.choice]), cell.count))
            for cell in self.cells
        ]

    def said(self) -> LinearExprT:
        return sum(
            self.distance(self.total(said.size, said.target, said.choices), said.count)
            for said in SAID.get(self.item.question, ())
        )

    def even(self, misses: list[tuple[Printed, IntVar]]) -> LinearExprT:
        """Prefer misses in printed cells of tables by target; then shares as even as the strata allow."""
        preference = sum(gap for cell, gap in misses if cell.size or cell.is_blank)
        spread = sum(
            self.distance(100 * var, _expected(self.cells, key, answers_n(self.item)))
            for key, var in self.n.items()
        )
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
        self.model.clear_hints()
        return {key: solver.value(var) for key, var in self.n.items()}


def _expected(cells: list[Printed], key: tuple[str, str, str], answers: int) -> int:
    """Hundredths of respondents to expect in a stratum: mean of the shares printed for its size and target."""
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
