"""The extract of the survey of 2025: 68 contributions, 48 of them of cities that answered in 2024.

Nothing is printed of 2025: all of it follows from the answers of 2024 (answers.py) and drift_2025.csv. Here: who
answers again and for the first time, and their answers. Not here: how far answers move (drift.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from samples import cities, eoi, noise, survey, texts
from samples.answers import answers
from samples.codebook import Question, load
from samples.drift import drifted
from samples.population import size_of
from samples.practice import RATINGS, wishes
from samples.survey import Delivery
from samples.workbook import Answer

AGAIN_N = 48
APPLICANTS_N = 5
DELIVERY = Delivery(
    "2025", "NMC_Needs_Assessment_2025", date(2025, 5, 20), (datetime(2025, 4, 8, 8), datetime(2025, 5, 16, 18))
)
# Sentences of open questions, as likely to be written as in 2024.
TOLD = {
    "monitoring_obstacles": texts.MONITORING_OBSTACLES,
    "learning_formats_other": texts.LEARNING_OTHER,
    "topics_of_interest": texts.TOPICS,
    "capacity_other": texts.CAPACITY_OTHER,
    "challenges_other": texts.CHALLENGES_OTHER,
    "comments": texts.COMMENTS,
}


@dataclass(frozen=True)
class City:
    """A made-up city that answers in 2025: its number in 2024, or one after those, and whose answers its own follow."""

    number: int
    pseudonym: str
    country: str
    population: int
    has_applied: bool
    donor: int
    is_new: bool


@cache
def respondents() -> dict[int, City]:
    """The 68 by number: 48 of the 62, five applicants to the EoI that answer for the first time, and 15 others."""
    people, applied = answers().people, answers().who("eoi_2021", "yes")
    again = [
        City(
            person.number,
            person.pseudonym,
            person.country,
            _grown(person.population, person.pseudonym),
            person.number in applied,
            person.number,
            is_new=False,
        )
        for person in noise.shuffled(people, "again", DELIVERY.round)[:AGAIN_N]
    ]
    return {city.number: city for city in (*again, *_new_cities())}


def _grown(population: int, pseudonym: str) -> int:
    """A year later: between 1 % fewer and 2 % more inhabitants."""
    return population * noise.between(990, 1020, "grown", pseudonym) // 1000


def _new_cities() -> list[City]:
    known = {person.pseudonym for person in answers().people}
    others = [city for city in eoi.applicants() if not city.is_mission and city.pseudonym not in known]
    applicants = [
        (city.pseudonym, city.country, _grown(city.population, city.pseudonym), True)
        for city in noise.shuffled(others, "new", DELIVERY.round)[:APPLICANTS_N]
    ]
    never = []
    for place in range(cities.LATER_N):
        like = noise.one_of(answers().people, "like", place)
        inhabitants = like.population * noise.between(85, 118, "inhabitants", place) // 100
        never.append((cities.later_pseudonym(place), cities.later_country(place), inhabitants, False))
    return [
        City(cities.SURVEY_N + place, *described, donor=_donor(described[2], place), is_new=True)
        for place, described in enumerate((*applicants, *never))
    ]


def _donor(population: int, place: int) -> int:
    """The number of a respondent of 2024 of the same size: what a new city answers as long as nothing moves."""
    size = size_of(population)
    return noise.one_of([person.number for person in answers().people if person.size == size], "donor", place)


def build(folder: Path | None = None) -> None:
    """Write the files of 2025 beside their codebook, or into another folder."""
    survey.deliver(DELIVERY, sheet(), coded(), folder)


@cache
def sheet() -> dict[str, dict[int, Answer]]:
    """Answers by question and respondent: those of 2024, moved, and only where the questionnaire asks for them."""
    codebook = load("nmc_survey", DELIVERY.round)
    given: dict[str, dict[int, Answer]] = _profile()
    for question in codebook.questions:
        if question.name not in given:
            choices = list(codebook.choices.get(question.list_name, {}))
            answered = drifted(question.name, _before(question.name, answers().given), choices)
            given[question.name] = _asked(question, answered, given)
    given["wanted_services"] = {
        number: wishes(respondents()[number].pseudonym, chosen) for number, chosen in coded()["wanted_services"].items()
    }
    return given


@cache
def coded() -> dict[str, dict[int, list[str]]]:
    """What coders find in the texts of an open question, by respondent: the classes of 2024, moved."""
    before = _before("wanted_services", answers().coded)
    classes = drifted("wanted_services_class", before, list(texts.WANTED_SERVICES))
    return {
        "wanted_services": {number: chosen for number, chosen in classes.items() if isinstance(chosen, list) and chosen}
    }


def _profile() -> dict[str, dict[int, Answer]]:
    people = respondents().values()
    return {
        "city": {city.number: city.pseudonym for city in people},
        "country": {city.number: city.country for city in people},
        "population": {city.number: city.population for city in people},
        "eoi_2021": {city.number: "yes" if city.has_applied else "no" for city in people},
        "consent": dict.fromkeys(respondents(), "yes"),
        "mission_city_exchange": {n: "yes" if noise.unit("exchange", n) < 0.35 else "no" for n in respondents()},
        "ch_workforce": {n: str(noise.between(2, 5, "workforce", n)) for n in respondents()},
    }


def _before(question: str, answered: Mapping[str, Mapping[int, Answer]]) -> dict[int, Answer]:
    """What each would answer if nothing had moved; a new city rates each thing as another respondent does."""
    given = answered.get(question, {})
    sentences = TOLD.get(question)
    found: dict[int, Answer] = {}
    for city in respondents().values():
        donor = city.donor
        if city.is_new and question.startswith((*RATINGS, "ch_")):
            donor = noise.one_of(range(cities.SURVEY_N), "rates", question, city.number)
        if donor in given:
            told = noise.one_of(sentences, DELIVERY.round, question, city.number) if sentences else None
            found[city.number] = told or given[donor]
    return found


def _asked(
    question: Question, answered: Mapping[int, Answer], given: Mapping[str, Mapping[int, Answer]]
) -> dict[int, Answer]:
    """Answers of those who are asked; who is asked for the first time answers like one of those who were before."""
    if question.asked_if is None:
        return dict(answered)
    other, choice = question.asked_if
    asked: Collection[int] = [number for number, answer in given[other].items() if answer == choice]
    before = [answers().given.get(question.name, {}).get(number) for number in sorted(answers().who(other, choice))]
    likely: dict[int, Answer] = {number: noise.one_of(before, "first", question.name, number) for number in asked}
    return {number: answer for number, answer in (likely | dict(answered)).items() if number in asked}
