"""A printed report as rows: its numbers, its claims in words, and what reviewed knowledge says of both.

Not here: what a number claims of the counts behind it (printed_system.py), which is wrong (contradictions.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

ALL = "all"
MISSING = "missing"
ANSWERED = "answered"
_PLACE = ("table_id", "cohort_code", "row_code", "column_code", "item_code", "choice_code")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Printed:
    """A printed number and what it stands for: a row of int_published_numbers."""

    cell_id: str
    source: str
    source_label: str
    source_order: int
    place: str
    printed: str
    value: float
    decimals: int
    precision_code: str
    statistic: str
    cohort_code: str | None
    table_id: str | None = None
    row_code: str | None = None
    column_code: str | None = None
    row_label: str | None = None
    column_label: str | None = None
    measure_id: str | None = None
    item_code: str | None = None
    choice_code: str | None = None
    choice_kind: str = "level"
    dimension_code: str = ALL
    member_code: str = ALL
    stated_base_n: float | None = None
    # Of a claim in words: what it says of the measure, and the measures that it compares it with.
    logic: str | None = None
    than: tuple[str, ...] = ()

    def is_size_of(self, cohort: str) -> bool:
        """The size of a cohort, printed as such."""
        return self.statistic == "count" and self.item_code == ALL and self.cohort_code == cohort

    @property
    def is_crossed(self) -> bool:
        """A count of a table that crosses an item and a dimension."""
        return (
            self.table_id is not None
            and self.statistic == "count"
            and self.dimension_code != ALL
            and self.choice_code is not None
        )


class Term(NamedTuple):
    """A row of measure_terms."""

    part: str
    item_code: str
    choice_code: str
    is_chosen: bool


@dataclass(frozen=True)
class Knowledge:
    """What reviewed rows say of items, choices, measures and known numbers."""

    items: Mapping[str, Mapping[str, Any]]
    choices: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, Mapping[str, Any]]
    terms: Mapping[str, tuple[Term, ...]]
    known: Mapping[str, float] = field(default_factory=dict)

    def is_single(self, item: str) -> bool:
        """Each city has one choice of the item at most."""
        return item in self.items and self.items[item]["kind"] == "single"

    def is_whole(self, item: str | None) -> bool:
        """Each city has exactly one choice of the item."""
        return item is not None and self.is_single(item) and self.base_rule(item) == ALL

    def base_rule(self, item: str | None) -> str:
        """`answered` where shares of the item are of those that answered, else `all`."""
        return str(self.items[item]["base_rule"]) if item is not None and item in self.items else ALL


@dataclass(frozen=True)
class Report:
    """What a wave's report prints, and what is known of its items."""

    numbers: list[Printed]
    knowledge: Knowledge
    copied_cells_min: float
    copied_cells_share: float
    pattern_p: float


def read_reports(tables: Mapping[str, Rows]) -> dict[str, Report]:
    """Wave → its report, of the tables that int_errata_numbers.py names; the order of rows has no effect."""
    levels: dict[str, dict[str, str]] = defaultdict(dict)
    for choice in sorted(
        tables["choices"], key=lambda row: (row["item_code"], row["position"] or 0, row["choice_code"])
    ):
        if choice["choice_kind"] == "level":
            levels[choice["item_code"]][choice["choice_code"]] = choice["label"]
    terms: dict[str, list[Term]] = defaultdict(list)
    for row in tables["measure_terms"]:
        term = Term(row["part"], row["item_code"], row["choice_code"], row["is_chosen"] == "yes")
        terms[row["measure_id"]].append(term)
    limits = {row["threshold_code"]: float(row["value"]) for row in tables["thresholds"]}
    known: dict[str, dict[str, float]] = defaultdict(dict)
    for row in tables["known_numbers"]:
        known[row["wave"]][row["number_code"]] = float(row["value_number"])
    knowledge = Knowledge(
        items={row["item_code"]: row for row in tables["items"]},
        choices=levels,
        measures={row["measure_id"]: row for row in tables["measures"]},
        terms={measure: tuple(sorted(rows)) for measure, rows in terms.items()},
    )
    by_wave: dict[str, list[Printed]] = defaultdict(list)
    names = {one.name for one in fields(Printed)}
    for row in sorted(tables["numbers"], key=lambda row: (row["source_order"], row["cell_id"])):
        if row["value"] is not None:
            own = {name: value for name, value in row.items() if name in names}
            by_wave[row["wave"]].append(Printed(**own, stated_base_n=read_stated_base(row["base_as_stated"])))
    places_of: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for place in sorted(tables["places"], key=lambda row: tuple(str(row[name]) for name in _PLACE)):
        places_of[place["wave"]].append(place)
    return {
        wave: Report(
            _add_blank_cells(own, places_of[wave]) + _read_claims(tables["claims"], wave, knowledge),
            replace(knowledge, known=known[wave]),
            limits["copied_cells_min"],
            limits["copied_cells_share"],
            limits["evidence_p"],
        )
        for wave, own in by_wave.items()
    }


def _read_claims(rows: Rows, wave: str, knowledge: Knowledge) -> list[Printed]:
    """The claims in words of a wave's report: those that compare with several measures have a row each."""
    by_id: dict[str, Printed] = {}
    for row in sorted(rows, key=lambda row: (row["line"], row["claim_id"], row["than_measure_id"] or "")):
        if row["wave"] != wave:
            continue
        measure = knowledge.measures.get(row["measure_id"], {})
        first = by_id.setdefault(
            row["claim_id"],
            Printed(
                cell_id=row["claim_id"],
                source="prose",
                source_label=f"Line {row['line']}",
                source_order=10000 + row["line"],
                place=row["says"],
                printed=row["logic"],
                value=0.0,
                decimals=0,
                precision_code="exact",
                statistic="claim",
                cohort_code=measure.get("cohort_code"),
                table_id=row["table_id"],
                measure_id=row["measure_id"],
                logic=row["logic"],
            ),
        )
        if row["than_measure_id"]:
            by_id[row["claim_id"]] = replace(first, than=(*first.than, row["than_measure_id"]))
    return list(by_id.values())


def _add_blank_cells(numbers: list[Printed], places: Rows) -> list[Printed]:
    """The numbers, and a 0 for each blank cell of a row that a crosstab prints."""
    rows = {(one.table_id, one.cohort_code, one.row_code): one for one in numbers if one.is_crossed}
    seen = {(one.table_id, one.cohort_code, one.row_code, one.column_code) for one in numbers}
    blanks = []
    for place in places:
        row = rows.get((place["table_id"], place["cohort_code"], place["row_code"]))
        key = (place["table_id"], place["cohort_code"], place["row_code"], place["column_code"])
        if row is None or key in seen or row.source != "table" or place["choice_kind"] != "level":
            continue
        blanks.append(
            replace(
                row,
                cell_id=f"{row.table_id}.{place['row_label']}.{place['column_label']}.blank",
                place=f"row {place['row_label']}, column {place['column_label']}",
                printed="blank",
                value=0.0,
                column_code=place["column_code"],
                column_label=place["column_label"],
                item_code=place["item_code"],
                choice_code=place["choice_code"],
                choice_kind=place["choice_kind"],
                member_code=place["member_code"],
            )
        )
    return numbers + blanks


def read_stated_base(text: str | None) -> float | None:
    """The cities that a report says a share is of; None where it says none, or the reader of the print did."""
    if not text or re.search(r"\binferred\b|\bor\b", text.split(";")[0]):
        return None
    numbers = re.findall(r"\d+", text.split(";")[0])
    return float(numbers[0]) if len(numbers) == 1 else None
