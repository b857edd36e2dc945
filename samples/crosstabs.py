"""The crosstabs of the report: which item is printed where, and what is printed there.

Belongs here: items, their printed cells and the counts that the prose adds. Not here: the solving, see
fit.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from samples import published
from samples.codebook import load

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
Stratum = tuple[str, str]


@dataclass(frozen=True)
class Item:
    """A question and where the report prints it; `plan_type` is derived from the question `plans`."""

    question: str
    by_size: int | None = None
    by_target: int | None = None
    figures: tuple[int, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A printed count of a size, a target or (a figure) all; `is_blank` where the table leaves it out."""

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
            cells.append(Printed(cell_id, str(number), size, target, choice, count, (group, label) not in values))
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
