"""The register of participation 2025: which made-up city takes part in which initiative, a record each.

Belongs here: records of the 62 respondents of 2024, as many to an initiative as Table 8 prints, of the 362 applicants,
and of those who answer in 2025 for the first time. Not here: the initiatives themselves,
seeds/rounds/initiative_mapping/2025, which are real.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samples import noise, second_survey
from samples.answers import answers
from samples.codebook import load
from samples.eoi import applicants
from samples.sheet import Sheet

# One in ten of those who say that they take part stands in no record, and as many others do who do not say so.
MISTAKEN_SHARE = 0.1
# How much more often than a respondent a Mission City, and another applicant, is taken for a participant.
MISSION_FACTOR, APPLICANT_FACTOR = 1.3, 0.8
ENDED_SHARE = 0.08
ROLES = ("signatory", "member", "member", "partner", "pilot")
COLUMNS = ("record", "city", "initiative", "role", "status", "since", "until")
# What "Other" stands for in the register (report, lines 1166-1174).
OTHERS = ("life", "cdp_iclei")


@dataclass(frozen=True)
class Participation:
    """A made-up city in an initiative."""

    city: str
    initiative: str
    has_ended: bool = False


def build() -> None:
    """Write the extract beside its codebook."""
    write(load("participation", "2025").folder / "extract.csv")


def write(extract: Path) -> None:
    """Write all records as a register delivers them."""
    with extract.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, record in enumerate(records(), start=1):
            writer.writerow((f"P{number:04}", *_describe(record)))


def records() -> list[Participation]:
    """All records, in the order of cities."""
    return [*_respondents(), *_applicants(), *_latecomers()]


def _describe(record: Participation) -> tuple[str, str, str, str, str, str]:
    key = (record.city, record.initiative)
    since = noise.between(2010, 2021, "since", *key)
    until = str(noise.between(since + 1, 2024, "until", *key)) if record.has_ended else ""
    role = noise.one_of(ROLES, "role", *key)
    return record.city, record.initiative, role, "ended" if record.has_ended else "active", str(since), until


def _projects() -> list[str]:
    """The projects of Table 16 that cities may be members of."""
    with (load("initiative_mapping", "2025").folder / "extract.csv").open(encoding="utf-8", newline="") as file:
        return [row["initiative"] for row in csv.DictReader(file) if row["kind"] == "project"]


def _named(sheet: Sheet) -> list[str]:
    """The initiatives that the survey asks for by name."""
    said = {choice for given in sheet.given["initiatives"].values() for choice in _listed(given)}
    return sorted(said - {"none", "other"})


def _listed(given: object) -> list[str]:
    return given if isinstance(given, list) else [str(given)]


def _respondents() -> Iterator[Participation]:
    sheet = answers()
    active = sheet.who("initiatives", *_named(sheet), "other")
    for initiative in _named(sheet):
        saying = sheet.who("initiatives", initiative)
        silent = active - saying
        swapped = min(round(MISTAKEN_SHARE * len(saying)), len(silent))
        kept = noise.shuffled(sorted(saying), "kept", initiative)[swapped:]
        added = noise.shuffled(sorted(silent), "added", initiative)[:swapped]
        yield from (_of_respondent(sheet, number, initiative) for number in sorted((*kept, *added)))
    for number in sorted(sheet.who("initiatives", "other")):
        yield _of_respondent(sheet, number, noise.one_of(OTHERS, "other", number))
    for number in sorted(sheet.who("rni_projects", "in_place")):
        yield _of_respondent(sheet, number, noise.one_of(_projects(), "project", number))


def _of_respondent(sheet: Sheet, number: int, initiative: str) -> Participation:
    return Participation(sheet.people[number].pseudonym, initiative)


def _applicants() -> Iterator[Participation]:
    """Those who did not answer the survey as well, about as often as respondents; a few have left."""
    sheet = answers()
    surveyed = {person.pseudonym for person in sheet.people}
    shares = {name: len(sheet.who("initiatives", name)) / len(sheet.everyone) for name in _named(sheet)}
    shares |= dict.fromkeys(OTHERS, 0.05) | dict.fromkeys(_projects(), 0.03)
    for city in applicants():
        if city.pseudonym not in surveyed:
            factor = MISSION_FACTOR if city.is_mission else APPLICANT_FACTOR
            yield from _of_applicant(city.pseudonym, shares.items(), factor)


def _of_applicant(city: str, shares: Iterable[tuple[str, float]], factor: float) -> Iterator[Participation]:
    for initiative, share in shares:
        if noise.unit("takes part", city, initiative) < share * factor:
            yield Participation(city, initiative, noise.unit("ended", city, initiative) < ENDED_SHARE)


def _latecomers() -> Iterator[Participation]:
    """Those of 2025 of whom nothing was known before stand where they say that they do."""
    known = {person.pseudonym for person in answers().people} | {city.pseudonym for city in applicants()}
    said = second_survey.sheet()["initiatives"]
    named = _named(answers())
    for number, city in sorted(second_survey.respondents().items()):
        if city.pseudonym not in known:
            yield from (Participation(city.pseudonym, name) for name in _listed(said.get(number)) if name in named)
