"""The printed cells that the samples miss: `deviations.csv`.

Belongs here: the cells that count towards the fit (crosstabs.py) and those of prose, Table 4 and Figure 3
that contradict them. Not here: the report's mistakes that touch no number of the samples.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from samples import cities, eoi, published
from samples.answers import answers
from samples.fit import fits
from samples.quotas import quotas
from samples.sheet import Sheet

COLUMNS = ("cell_id", "published", "generated", "counted", "why")
PATH = Path(__file__).with_name("deviations.csv")


@dataclass(frozen=True)
class Missed:
    """A cell outside the fit: where it is printed, what the samples have, and why."""

    start: str
    generated: Callable[[Sheet], float]
    why: str


def build() -> None:
    """Write the file."""
    with PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows())


def rows() -> Iterable[tuple[str, str, str, str, str]]:
    """Cells that count towards the fit, then the others; raises ValueError if one of these is met."""
    for fitted in fits():
        for gap in fitted.deviations:
            yield gap.cell_id, str(gap.published), str(gap.generated), "yes", gap.why
    for missed in OTHERS:
        for cell in _cells(missed.start):
            generated = missed.generated(answers())
            if abs(generated - cell.value) < 0.5:
                raise ValueError(f"{cell.cell_id} is met ({generated}): take it off the list in {__file__}")
            yield cell.cell_id, f"{cell.value:.10g}", f"{round(generated, 1):.10g}", "no", missed.why


def _cells(start: str) -> list[published.Cell]:
    found = [cell for cell in published.cells() if cell.cell_id.startswith(start)]
    if not found:
        raise LookupError(f"no printed cell begins with {start!r}")
    return found


def _pct(part: float, whole: float) -> float:
    return round(100 * part / whole, 1)


def _share(question: str, *choices: str, of: int = cities.SURVEY_N) -> Callable[[Sheet], float]:
    return lambda solved: _pct(len(solved.who(question, *choices)), of)


def _high(question: str, target: str, of: int) -> Callable[[Sheet], float]:
    return lambda solved: _pct(len(solved.who(question, "4", "5") & solved.who("target_status", target)), of)


def _small_with_target(solved: Sheet) -> float:
    small = [p for p in solved.people if p.size in ("small", "town") and p.target != "no_target"]
    return _pct(len(small), len(solved.who("target_status", "planned", "existing")))


def _mean_population(solved: Sheet) -> float:
    return round(sum(person.population for person in solved.people) / len(solved.people), 1)


def _western(solved: Sheet) -> float:
    return sum(cities.region_of(person.country) == "western" for person in solved.people)


def _mission_region(region: str) -> Callable[[Sheet], float]:
    return lambda _: sum(cities.region_of(c.country) == region for c in eoi.applicants() if c.is_mission)


def _mission_population(summary: Callable[[list[int]], float]) -> Callable[[Sheet], float]:
    return lambda _: summary([city.population for city in eoi.applicants() if city.is_mission])


def _only_sectoral(solved: Sheet) -> float:
    return _pct(cities.SURVEY_N - len(solved.who("plans", "none", "cross_sectoral")), cities.SURVEY_N)


OTHERS = (
    Missed(
        "T4.MC.By 2050",
        lambda _: quotas("target_year", "eoi")["2050"],
        "82, 14 and 10 % of 100 cities sum to 106 %",
    ),
    Missed(
        "T4.NMC.By 2040",
        _share("target_year", "2040", of=28),
        "43, 35 and 36 % of 28 sum to 114 %",
    ),
    Missed(
        "T4.MC.NA",
        lambda _: eoi.MISSION_N - quotas("target_status", "eoi")["adopted"],
        "100 of 112 gave a year",
    ),
    Missed("P576.16", _western, "30, 16, 16 and 6 sum to 68 of 62 cities"),
    Missed("P576.24", _mission_region("western"), "the registry has 34"),
    Missed("P580.23", _mission_region("northern"), "the registry has 25"),
    Missed("P599.20,600", _mission_population(min), "Table 2 has 28 600"),
    Missed("P603", _mission_population(statistics.mean), "Table 2 has this as the median"),
    Missed("P605", _mean_population, "Table 2 has this as the median"),
    Missed("P725.28%", _share("target_status", "planned"), "Table 3 has 25 of 62"),
    Missed("P729.60%", _small_with_target, "Table 3 has 37 of 58"),
    Missed("P756.35%", _share("target_year", "2040", of=28), "43, 35 and 36 % of 28 sum to 114 %"),
    Missed("P1182.15%", _share("initiative_benefits", "network_experts"), "30 cities by the same sentence"),
    Missed("P1391.49%", _only_sectoral, "Figure 17 has 39 %"),
    Missed("P1919.76%", _high("ch_market", "existing", 33), "Table 25 contradicts Figures 23 and 32"),
    Missed("P2358.49%", _high("ch_admin_capacity", "existing", 33), "Table 28 has 21 of 33"),
    Missed("P2732.38%", _share("target_status", "planned"), "Table 3 has 25 of 62"),
    Missed("P2734.60%", _small_with_target, "Table 3 has 37 of 58"),
    Missed(
        "P2738.66%",
        _share("ghg_inventory", "undertaken"),
        "Table 26 allows 40 at most",
    ),
    Missed("P2740.52%", _share("plans", "cross_sectoral"), "Figure 17 has 47 %"),
)
