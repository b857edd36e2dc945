"""The feedback on services 2026: what the made-up cities of the surveys say of them, and their barriers again.

Nothing is printed of 2026. Here: who answers, and the answers. Not here: what the cities did (service_use.py).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from samples import noise, second_survey, service_use
from samples.answers import answers
from samples.codebook import Codebook, load
from samples.published import SEEDS, read_csv
from samples.service_use import ROUND, City
from samples.workbook import Answer, cell

# Of the cities that use a service, and of those that do not.
ANSWERING_SHARE, SILENT_SHARE = 0.82, 0.5
# One in ten forgets a service, or takes another for one.
MISTAKEN_SHARE = 0.1
# How often a barrier falls or grows by a level, with and without the use of a service that addresses it.
FALLS, GROWS = {True: 0.42, False: 0.2}, {True: 0.1, False: 0.16}
REASONS = ("not_known", "no_time", "no_time", "language", "not_relevant", "not_eligible")
CHANGES = ("target", "plan", "inventory", "budget", "staff", "partnership")


def build() -> None:
    """Write the extract beside its codebook."""
    write(load("service_feedback", ROUND).folder / "extract.csv")


def write(extract: Path) -> None:
    """Write all responses as the platform exports them."""
    codebook = load("service_feedback", ROUND)
    with extract.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(question.header for question in codebook.questions)
        for place, given in enumerate(responses(), start=1):
            contact = {"response": f"F{place:03}", "respondent_email": f"respondent{place:02}@city.invalid"}
            writer.writerow(_cells(codebook, given | contact))


def _cells(codebook: Codebook, given: dict[str, Answer]) -> list[Answer]:
    return [
        cell(question, given.get(question.name), codebook.choices.get(question.list_name, {}))
        for question in codebook.questions
    ]


@cache
def responses() -> tuple[dict[str, Answer], ...]:
    """The answers of each city that answers, in the order of pseudonyms."""
    used = service_use.used()
    asked = sorted(service_use.respondents(), key=lambda city: city.pseudonym)
    return tuple(_response(city, used.get(city.pseudonym, set())) for city in asked if _answers(city, used))


def _answers(city: City, used: dict[str, set[str]]) -> bool:
    share = ANSWERING_SHARE if used.get(city.pseudonym) else SILENT_SHARE
    return noise.unit("answers", ROUND, city.pseudonym) < share


def _response(city: City, used: set[str]) -> dict[str, Answer]:
    key = city.pseudonym
    said = [name for name in _services() if (name in used) is not (noise.unit("forgets", key, name) < MISTAKEN_SHARE)]
    given: dict[str, Answer] = {
        "city": key,
        "country": city.country,
        "population": city.inhabitants,
        "eoi_2021": _before(city, "eoi_2021"),
        "target_status": _before(city, "target_status"),
        "services_used": said or ["none"],
    }
    if said:
        given["usefulness"] = str(noise.between(2, 5, "useful", key))
        changed = [name for name in CHANGES if noise.unit("changed", key, name) < 0.05 * len(said)]
        given["changed"] = changed or ["none"]
    if len(said) < len(_services()) - 2:
        reasons = {noise.one_of(REASONS, "reason", key, place) for place in range(noise.between(1, 2, "reasons", key))}
        given["reason_not_using"] = sorted(reasons)
    return given | {name: _barrier(city, name, used) for name in _barriers()}


@cache
def _services() -> tuple[str, ...]:
    return tuple(row["service"] for row in read_csv(Path(__file__).with_name("service_use_2026.csv")))


@cache
def _barriers() -> tuple[str, ...]:
    questions = load("service_feedback", ROUND).questions
    return tuple(question.name for question in questions if question.name.startswith("ch_"))


@cache
def _helpful(question: str) -> frozenset[str]:
    """Services that address the need of which the question is evidence."""
    needs = {row["need_code"] for row in read_csv(SEEDS / "need_evidence.csv") if row["item_code"] == question}
    return frozenset(row["service_code"] for row in read_csv(SEEDS / "service_needs.csv") if row["need_code"] in needs)


def _before(city: City, question: str) -> Answer:
    """What the city answered last."""
    now = second_survey.sheet()[question]
    return now[city.number] if city.number in now else answers().given[question].get(city.number)


def _barrier(city: City, question: str, used: set[str]) -> Answer:
    before = _before(city, question)
    if before is None:
        return None
    is_helped = bool(used & _helpful(question))
    chance = noise.unit("barrier", ROUND, city.pseudonym, question)
    step = -1 if chance < FALLS[is_helped] else 1 if chance > 1 - GROWS[is_helped] else 0
    return str(min(max(int(str(before)) + step, 1), 5))
