"""The extract of the Expression of Interest of 2021: 362 contributions, 112 of them of Mission Cities.

Belongs here: answers that hold what the report says of the Mission Cities (Tables 2 and 4, Figures 1, 2,
6 and 8), the 19 respondents of the survey among the others, and plausible placeholders. Not here: the
questions, see eoi_codebook.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from samples import cities, eoi_codebook, noise, texts
from samples.answers import answers
from samples.assign import by_rank, several
from samples.codebook import Codebook, Question, load
from samples.population import populations
from samples.published import SEEDS
from samples.quotas import quotas
from samples.respondents import summary
from samples.workbook import Answer, Contribution, write

FIELDWORK = (datetime(2021, 11, 25, 8), datetime(2022, 1, 31, 17))
ALIAS = "Cities_Mission_EoI_2021"
EXPORTED = date(2022, 2, 7)
MISSION_N = 112

# Size classes of the Mission Cities: metropolitan, medium and small "almost equally distributed" (l.690);
# Figure 4 prints no value.
MISSION_SIZES = {"large_metropolitan": 8, "metropolitan": 32, "medium": 33, "small": 33, "town": 6}
MISSION_LARGE = (4_400_000, 3_300_000, 2_900_000, 2_300_000, 1_900_000, 1_700_000, 1_550_000)
LARGE_COUNTRIES = ("DE", "FR", "IT", "ES", "TR", "GB", "PL")

DATED_REDUCTIONS_N = 99  # Figure 8
REDUCTION = {"2030": (55, 100), "2040": (80, 100), "2050": (90, 100)}

# How many answers a city may give; the sector menus ask for up to six (l.464).
MOST_ANSWERS = {
    "barriers": 9,
    "barriers_energy": 6,
    "barriers_transport": 6,
    "barriers_waste": 6,
    "capacity_needs": 8,
}


@dataclass(frozen=True)
class Applicant:
    """A made-up city that expressed its interest; ambition is in [0, 1)."""

    number: int
    pseudonym: str
    country: str
    population: int
    is_mission: bool
    target_status: str
    ambition: float


@cache
def applicants() -> tuple[Applicant, ...]:
    """The 112 Mission Cities, then the 19 that also answered the survey, then 231 others."""
    return (*_mission_cities(), *_second_wave(), *_others())


def _mission_cities() -> list[Applicant]:
    values = populations(summary("Mission Cities"), MISSION_SIZES, MISSION_LARGE)
    countries = cities.mission_countries()

    def room(place: int) -> float:
        return noise.unit("room", place) + (0.7 if countries[place] in LARGE_COUNTRIES else 0)

    places = sorted(range(MISSION_N), key=room)
    by_place = dict(zip(places, values, strict=True))
    status = by_rank(
        range(MISSION_N), quotas("target_status", "eoi"), lambda place: noise.unit("mission target", place)
    )
    return [
        Applicant(
            number,
            cities.pseudonym("eoi", number),
            countries[number],
            by_place[number],
            True,
            status[number],
            ambition=(noise.unit("eoi ambition", number) + 0.7) / 1.7,
        )
        for number in range(MISSION_N)
    ]


def _second_wave() -> list[Applicant]:
    """Survey respondents three years before: a target of now was being adopted then, or adopted."""
    solved = answers()
    before = {
        "existing": ("adopted", "in_process"),
        "planned": ("in_process", "none"),
        "no_target": ("none",),
    }
    applied = [person for person in solved.people if person.number in solved.who("eoi_2021", "yes")]
    return [
        Applicant(
            MISSION_N + place,
            person.pseudonym,
            person.country,
            person.population,
            False,
            noise.one_of(before[person.target], "second wave", person.number),
            person.ambition,
        )
        for place, person in enumerate(applied)
    ]


def _others() -> list[Applicant]:
    statuses = ("adopted",) * 13 + ("in_process",) * 5 + ("none",) * 2
    numbers = range(MISSION_N, cities.EOI_N - cities.SECOND_WAVE_N)
    return [
        Applicant(
            cities.SECOND_WAVE_N + number,
            cities.pseudonym("eoi", number),
            cities.other_country(number),
            int(12_000 * 70 ** noise.unit("eoi population", number)),
            False,
            noise.one_of(statuses, "eoi target", number),
            noise.unit("eoi ambition", number),
        )
        for number in numbers
    ]


def build() -> None:
    """Write codebook and extract."""
    folder = SEEDS / "rounds" / "eoi" / "2021"
    eoi_codebook.build(folder)
    load.cache_clear()
    write(folder / "extract.xlsx", ALIAS, EXPORTED, load("eoi", "2021"), contributions())


def contributions() -> list[Contribution]:
    """The 362 as the platform holds them, in the order in which they were submitted."""
    codebook = load("eoi", "2021")
    described = _described()
    submitted = sorted(applicants(), key=lambda city: _submitted(city.number))
    return [
        _contribution(codebook, city, place, described[city.number]) for place, city in enumerate(submitted, start=1)
    ]


def _submitted(number: int) -> datetime:
    start, end = FIELDWORK
    minutes = int((end - start).total_seconds() // 60)
    return end - timedelta(minutes=int(minutes * noise.unit("eoi created", number) ** 3))


def _contribution(codebook: Codebook, city: Applicant, place: int, described: dict[str, Answer]) -> Contribution:
    filled: dict[str, Answer] = {
        "contact_name": f"Contact {place:03}",
        "contact_email": f"contact{place:03}@city.invalid",
        "city": city.pseudonym,
        "country": city.country,
        "population": city.population,
        "target_status": city.target_status,
        "mission_city": "yes" if city.is_mission else "no",
    }
    for question in codebook.questions:
        if question.name not in filled and question.label.startswith("Placeholder: "):
            filled[question.name] = _placeholder(question, city)
    created = _submitted(city.number)
    return Contribution(
        filled | described,
        contribution_id=noise.identifier("eoi", city.number),
        invitation=noise.identifier("eoi invitation", city.number),
        user=f"contact{place:03}@city.invalid",
        created=created,
        updated=created,
        language="EN",
    )


def _described() -> dict[int, dict[str, Answer]]:
    """Sheet to the questions that the report describes, by applicant."""
    found: dict[int, dict[str, Answer]] = {city.number: {} for city in applicants()}
    mission = [city.number for city in applicants() if city.is_mission]
    for question, most in MOST_ANSWERS.items():
        counts = quotas(question, "eoi")
        given = several(mission, counts, _pair_score(question), least=1, most=most)
        for city in applicants():
            found[city.number][question] = given.get(city.number) or _loosely(city.number, question, counts, most)
    for number, (year, reduction) in _target_details().items():
        found[number] |= {"target_year": year, "expected_reduction_pct": reduction}
    return found


def _pair_score(question: str) -> Callable[[int, str], float]:
    return lambda number, choice: noise.unit(question, choice, number)


def _loosely(number: int, question: str, counts: dict[str, int], most: int) -> list[str]:
    """Choices of a city that was not selected, about as frequent as among the Mission Cities."""
    lots = {choice: noise.unit(question, choice, number) * MISSION_N / n for choice, n in counts.items()}
    return sorted((choice for choice, lot in lots.items() if lot < 1), key=lambda choice: lots[choice])[:most]


def _target_details() -> dict[int, tuple[str | None, float | None]]:
    """Year and expected reduction of adopted targets; 99 Mission Cities give both."""
    details: dict[int, tuple[str | None, float | None]] = {}
    mission = [city.number for city in applicants() if city.is_mission and city.target_status == "adopted"]
    years = by_rank(mission, quotas("target_year", "eoi"), lambda number: noise.unit("eoi year", number))
    silent = set(noise.shuffled(mission, "eoi reduction")[DATED_REDUCTIONS_N:])
    for city in applicants():
        if city.target_status != "adopted":
            continue
        year = years.get(city.number) or noise.one_of(("2030", "2030", "2040", "2050"), "eoi year", city.number)
        low, high = REDUCTION[year]
        if not city.is_mission:
            low, high = low - 15, high - 10
            if noise.unit("eoi reduction given", city.number) < 0.15:
                silent.add(city.number)
        reduction = float(noise.between(low, high, "eoi reduction", city.number))
        details[city.number] = (year, None if city.number in silent else reduction)
    return details


def _placeholder(question: Question, city: Applicant) -> Answer:
    """A plausible answer: the more ambitious the city, the further it is; one in twelve is missing."""
    key = (question.name, city.number)
    if noise.unit("missing", *key) < 1 / 12:
        return None
    lean = (city.ambition + noise.unit(*key)) / 2
    if question.kind == "select_one":
        options = list(eoi_codebook.PLACEHOLDER_LISTS[question.list_name])
        return options[int(lean * len(options))]
    if question.kind == "select_multiple":
        means = eoi_codebook.PLACEHOLDER_LISTS["means"]
        return [name for name in means if noise.unit(name, *key) < lean]
    if question.kind == "decimal":
        return round(100 * lean * noise.unit("share", *key), 1)
    if question.kind == "integer":
        return int(20 * lean * noise.unit("number", *key))
    if question.kind == "date":
        return date(2015, 1, 1) + timedelta(days=noise.between(0, 2500, *key))
    return noise.one_of(texts.REMARKS, *key) if lean > 0.55 else None
