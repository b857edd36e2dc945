"""The extract of the survey of 2024, 62 contributions, and what platform and person add to the answers of a round.

Not here: the answers (answers.py; second_survey.py for 2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples import noise, texts
from samples.answers import answers
from samples.codebook import load
from samples.workbook import Answer, Contribution, write

FIELDWORK = (datetime(2024, 4, 11, 8), datetime(2024, 5, 17, 18))
ALIAS = "NMC_Needs_Assessment_2024"
EXPORTED = date(2024, 5, 21)


@dataclass(frozen=True)
class Delivery:
    """What the platform says of a round's export."""

    round: str
    alias: str
    exported: date
    fieldwork: tuple[datetime, datetime]

    @property
    def key(self) -> tuple[str, ...]:
        """What sets the hashes of a round apart; those of 2024 are from before there was another."""
        return () if self.round == FIRST else (self.round,)


FIRST = "2024"
DELIVERY = Delivery(FIRST, ALIAS, EXPORTED, FIELDWORK)


def build() -> None:
    """Write the extract beside its codebook."""
    codebook = load("nmc_survey", DELIVERY.round)
    write(codebook.folder / "extract.xlsx", ALIAS, EXPORTED, codebook, contributions())


def contributions() -> list[Contribution]:
    """The 62 as the platform holds them, in the order in which they were submitted."""
    return submitted(DELIVERY, answers().given)


def submitted(delivery: Delivery, given: Mapping[str, Mapping[int, Answer]]) -> list[Contribution]:
    """Answers by question and respondent as contributions, in the order in which they were submitted."""
    ordered = sorted(given["city"], key=lambda number: _times(delivery, number)[0])
    return [_contribution(delivery, given, number, place) for place, number in enumerate(ordered, start=1)]


def _times(delivery: Delivery, number: int) -> tuple[datetime, datetime]:
    (start, end), key = delivery.fieldwork, (*delivery.key, number)
    created = start + timedelta(minutes=noise.between(0, int((end - start).total_seconds() // 60), "created", *key))
    updated = created + timedelta(minutes=noise.between(0, 3000, "updated", *key))
    return created, min(end, updated) if noise.unit("edited", *key) < 0.3 else created


def _contribution(
    delivery: Delivery, given: Mapping[str, Mapping[int, Answer]], number: int, place: int
) -> Contribution:
    filled = {question: answered[number] for question, answered in given.items() if number in answered}
    key = (*delivery.key, number)
    created, updated = _times(delivery, number)
    return Contribution(
        filled | _contact(key, place),
        contribution_id=noise.identifier("survey", *key),
        invitation=noise.identifier("invitation", *key),
        user=f"respondent{place:02}@city.invalid",
        created=created,
        updated=updated,
        language=noise.one_of(("EN",) * 8 + ("FR", "IT"), "language", *key),
    )


def _contact(key: tuple[str | int, ...], place: int) -> dict[str, Answer]:
    """Personal answers, invented and recognisably so."""
    return {
        "respondent_name": f"Respondent {place:02}",
        "respondent_function": noise.one_of(texts.FUNCTIONS, "function", *key),
        "respondent_department": noise.one_of(texts.DEPARTMENTS, "department", *key),
        "respondent_email": f"respondent{place:02}@city.invalid",
        "city_website": f"https://city-{place:02}.invalid/climate" if noise.unit("website", *key) < 0.6 else None,
    }
