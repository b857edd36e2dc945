"""The 62 made-up cities that answer the survey.

Belongs here: size class and target status (Table 3), population (Table 2), country, and leanings. Not
here: answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from samples import cities, noise, published
from samples.crosstabs import SIZES, TARGETS, strata
from samples.population import Summary, populations


@dataclass(frozen=True)
class Respondent:
    """A made-up city that answered; the three leanings in [0, 1) make its answers hang together."""

    number: int
    size: str
    target: str
    population: int
    country: str
    ambition: float
    collaboration: float
    strain: float

    @property
    def pseudonym(self) -> str:
        """What the city is called in both questionnaires."""
        return cities.pseudonym("survey", self.number)


@cache
def respondents() -> tuple[Respondent, ...]:
    """The 62, by size class and target status."""
    keys = [key for key, n in strata().items() for _ in range(n)]
    sizes = [size for size, _ in keys]
    people = _populations(sizes)
    countries = cities.survey_countries(sizes)
    return tuple(
        _respondent(number, size, target, people[number], countries[number])
        for number, (size, target) in enumerate(keys)
    )


def _respondent(number: int, size: str, target: str, population: int, country: str) -> Respondent:
    def leaning(name: str, pull: float) -> float:
        return (noise.unit(name, number) + pull) / 2

    ambition = leaning("ambition", TARGETS.index(target) / 2)
    return Respondent(
        number,
        size,
        target,
        population,
        country,
        ambition,
        collaboration=leaning("collaboration", ambition),
        strain=leaning("strain", SIZES.index(size) / 4),
    )


def summary(cohort: str) -> Summary:
    """A row of Table 2."""
    printed = {cell.column: cell.value for cell in published.of("table", 2) if cell.row == cohort}
    return Summary(
        int(printed["count"]),
        printed["mean"],
        printed["median"],
        printed["sd"],
        int(printed["min"]),
        int(printed["max"]),
    )


def _populations(sizes: Sequence[str]) -> list[int]:
    """A population for each respondent, at random within its size class."""
    classes = {size: sizes.count(size) for size in SIZES}
    values = populations(summary("Non-Mission Cities"), classes)
    by_size = {}
    for size in reversed(SIZES):
        by_size[size] = noise.shuffled(values[: classes[size]], "population", size)
        values = values[classes[size] :]
    return [by_size[size].pop() for size in sizes]
