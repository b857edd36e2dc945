"""Frames of the cities of the survey: whom the feedback of 2026 was sent to, and how many such cities there are.

Here: both by size and region. Not here: who answers (service_feedback.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache

from orchestration.cities.gazetteer import load_gazetteer
from samples import cities, service_use
from samples.population import size_of
from samples.published import SEEDS

COLUMNS = ("cohort_code", "kind", "wave", "size_class", "region", "cities_n")
COHORT = "NMC"
# The smallest town that answered in 2024 has some 20,000 inhabitants (report, lines 599-605).
LEAST_POPULATION = 20_000


def build() -> None:
    """Write seeds/frames.csv."""
    with (SEEDS / "frames.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for kind, wave, counted in (("invited", service_use.ROUND, invited()), ("population", "", population())):
            for (size, region), cities_n in sorted(counted.items()):
                writer.writerow((COHORT, kind, wave, size, region, cities_n))


def invited() -> Counter[tuple[str, str]]:
    """The cities of the surveys, which all got the feedback."""
    return Counter((size_of(city.inhabitants), cities.region_of(city.country)) for city in service_use.respondents())


@cache
def population() -> Counter[tuple[str, str]]:
    """Places of GeoNames from `LEAST_POPULATION` inhabitants on, in the countries of the survey."""
    countries = {code: region for region, codes in cities.REGIONS.items() for code in codes.split()}
    return Counter(
        (size_of(place.population), countries[place.country])
        for place in load_gazetteer(countries).places()
        if place.population >= LEAST_POPULATION
    )
