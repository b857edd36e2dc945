"""The register of service use 2026: what each made-up city did with which module of a service, a record each.

Nothing is printed of 2026: who uses what follows from what the cities said that they want (seeds/service_interest.csv)
and from service_use_2026.csv. Here: cities, their records. Not here: what they say of it (service_feedback.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from samples import cities, noise, second_survey
from samples.answers import answers
from samples.codebook import load
from samples.published import SEEDS, read_csv

ROUND = "2026"
OTHERS_N = 12  # cities in the register that answered no survey
STARTS, DAYS = date(2025, 9, 1), 300
COLUMNS = ("record", "city", "country", "inhabitants", "service", "module", "event", "date", "persons", "satisfaction")
# What happens to a city with a module, by its kind: on the way in, when it is reached, active, and done.
EVENTS = {
    "tool": ("registered", "enrolled", "attended", "completed"),
    "collection": ("registered", "downloaded", "downloaded", ""),
    "module": ("registered", "enrolled", "attended", "completed"),
    "group": ("registered", "enrolled", "attended", ""),
    "webinar": ("registered", "enrolled", "attended", ""),
    "visit": ("applied", "selected", "attended", ""),
    "call": ("applied", "selected", "attended", "completed"),
    "ticket": ("asked", "asked", "asked", "answered"),
}
ACTIVE = ("attended", "completed", "downloaded", "asked", "answered")
WITHDRAWN_SHARE = 0.3  # of those that are reached and not active
RATED_SHARE = 0.7
# Cities of the surveys that use no service at all.
ABSENT_SHARE = 0.14


@dataclass(frozen=True)
class City:
    """A made-up city that may use services; `number` is its place among the respondents, -1 where it is none."""

    pseudonym: str
    country: str
    inhabitants: int
    number: int = -1


@dataclass(frozen=True)
class Record:
    """What a city did with a module on a day."""

    city: City
    service: str
    module: str
    event: str
    on: date
    persons: int | None
    satisfaction: int | None


def build() -> None:
    """Write the extract beside its codebook."""
    write(load("service_usage", ROUND).folder / "extract.csv")


def write(extract: Path) -> None:
    """Write all records as the register delivers them."""
    with extract.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, record in enumerate(records(), start=1):
            city = record.city
            told = (record.service, record.module, record.event, record.on.isoformat())
            rated = (record.persons or "", record.satisfaction or "")
            writer.writerow((f"U{number:04}", city.pseudonym, city.country, city.inhabitants, *told, *rated))


@cache
def respondents() -> tuple[City, ...]:
    """The cities of the surveys of 2024 and 2025, as they were when they last answered."""
    latest = {
        person.number: City(person.pseudonym, person.country, person.population, person.number)
        for person in answers().people
    }
    latest |= {
        city.number: City(city.pseudonym, city.country, city.population, city.number)
        for city in second_survey.respondents().values()
    }
    return tuple(latest[number] for number in sorted(latest))


def _others() -> list[City]:
    """Cities of which no survey tells anything."""
    like = [noise.one_of(answers().people, "like", ROUND, place) for place in range(OTHERS_N)]
    return [
        City(
            cities.unsurveyed_pseudonym(place),
            cities.later_country(cities.LATER_N + place),
            person.population * noise.between(80, 120, "inhabitants", ROUND, place) // 100,
        )
        for place, person in enumerate(like)
    ]


@cache
def records() -> tuple[Record, ...]:
    """All records, in the order of days."""
    using = [city for city in respondents() if noise.unit("absent", city.pseudonym) >= ABSENT_SHARE]
    found = [record for city in (*using, *_others()) for record in _of_city(city)]
    return tuple(sorted(found, key=lambda record: (record.on, record.city.pseudonym, record.module)))


def used() -> dict[str, set[str]]:
    """The services that a city was active in, by pseudonym."""
    found: dict[str, set[str]] = {}
    for record in records():
        if record.event in ACTIVE:
            found.setdefault(record.city.pseudonym, set()).add(record.service)
    return found


def _of_city(city: City) -> Iterator[Record]:
    for use in read_csv(Path(__file__).with_name("service_use_2026.csv")):
        service = use["service"]
        wished = city.number >= 0 and wants(city.number, service)
        if noise.unit("uses", service, city.pseudonym) * 100 < int(use["wished_pct" if wished else "other_pct"]):
            modules = noise.shuffled(_modules(service), "modules", city.pseudonym, service)
            most = noise.between(1, min(int(use["modules_most"]), len(modules)), "most", city.pseudonym, service)
            for module, kind in modules[:most]:
                yield from _of_module(city, use, module, kind)


@cache
def _modules(service: str) -> tuple[tuple[str, str], ...]:
    rows = read_csv(SEEDS / "service_modules.csv")
    return tuple((row["module_code"], row["kind"]) for row in rows if row["service_code"] == service)


def _of_module(city: City, use: dict[str, str], module: str, kind: str) -> Iterator[Record]:
    """As far as the city comes: each step only after the one before."""
    key = (city.pseudonym, module)
    on = STARTS + timedelta(days=noise.between(0, DAYS, "on", *key))
    steps = EVENTS[kind]
    yield _record(city, use["service"], module, steps[0], on)
    came = steps[0]
    for place, step in enumerate(("reached_pct", "active_pct", "completed_pct"), start=1):
        if noise.unit(step, *key) * 100 >= int(use[step]):
            if place == 2 and came == "enrolled" and noise.unit("withdrawn", *key) < WITHDRAWN_SHARE:
                yield _record(city, use["service"], module, "withdrawn", on + timedelta(days=30))
            return
        if steps[place] != came:
            came = steps[place]
            yield _record(city, use["service"], module, came, on + timedelta(days=14 * place))


def _record(city: City, service: str, module: str, event: str, on: date) -> Record:
    key = (city.pseudonym, module, event)
    takes_part = event in ("attended", "completed", "asked")
    persons = noise.between(1, 4, "persons", *key) if takes_part else None
    rated = event in ("attended", "completed", "answered") and noise.unit("rated", *key) < RATED_SHARE
    return Record(city, service, module, event, on, persons, noise.between(2, 5, "satisfied", *key) if rated else None)


@cache
def wants(number: int, service: str) -> bool:
    """Whether a respondent said in its last survey that it wants the service."""
    latest = second_survey.sheet() if number in second_survey.respondents() else answers().given
    coded = second_survey.coded() if number in second_survey.respondents() else answers().coded
    said = {**latest, "wanted_services_class": coded["wanted_services"]}
    for row in read_csv(SEEDS / "service_interest.csv"):
        if row["service_code"] == service:
            given = said.get(row["item_code"], {}).get(number)
            if row["choice_code"] in (given if isinstance(given, list) else [given]):
                return True
    return False
