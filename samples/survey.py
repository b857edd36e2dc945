"""The extract of the survey of 2024, 62 contributions, and what platform and person add to the answers of a round.

Not here: the answers (answers.py; second_survey.py for 2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.rounds.codings import FILE, Coding, codings_text, make_coding, text_hash
from samples import noise, texts
from samples.answers import answers
from samples.codebook import load
from samples.workbook import Answer, Contribution, write

FIELDWORK = (datetime(2024, 4, 11, 8), datetime(2024, 5, 17, 18))
ALIAS = "NMC_Needs_Assessment_2024"
EXPORTED = date(2024, 5, 21)
CODER = "samples"


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


def build(folder: Path | None = None) -> None:
    """Write the files of 2024 beside their codebook, or into another folder."""
    deliver(DELIVERY, answers().given, answers().coded, folder)


def deliver(
    delivery: Delivery,
    given: Mapping[str, Mapping[int, Answer]],
    coded: Mapping[str, Mapping[int, Sequence[str]]],
    folder: Path | None = None,
) -> None:
    """Write the extract of a round, and what its open answers were coded as."""
    codebook = load("nmc_survey", delivery.round)
    folder = folder or codebook.folder
    write(folder / "extract.xlsx", delivery.alias, delivery.exported, codebook, submitted(delivery, given))
    text = codings_text(codings(delivery, given, coded))
    (folder / FILE).write_text(text, encoding="utf-8", newline="")


def codings(
    delivery: Delivery, given: Mapping[str, Mapping[int, Answer]], coded: Mapping[str, Mapping[int, Sequence[str]]]
) -> list[Coding]:
    """What the texts were made from, as the codings of the person who coded them."""
    same = {"file": FILE, "line": 0, "coder": CODER, "coded_on": delivery.exported.isoformat(), "final": ""}
    return [
        make_coding(
            {
                **same,
                "response_id": _identifier(delivery, number),
                "question_code": question,
                "codes": " ".join(codes),
                "text_hash": text_hash(str(given[question][number])),
            }
        )
        for question, found in coded.items()
        for number, codes in found.items()
    ]


def _identifier(delivery: Delivery, number: int) -> str:
    return noise.identifier("survey", *delivery.key, number)


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
        contribution_id=_identifier(delivery, number),
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
