"""The extract of the survey of 2024: 62 contributions.

Belongs here: what the platform and the respondent as a person add to the answers. Not here: the answers.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from orchestration.rounds.codings import FILE, Coding, codings_text, make_coding, text_hash
from samples import noise, texts
from samples.answers import answers
from samples.codebook import load
from samples.respondents import Respondent
from samples.sheet import Sheet
from samples.workbook import Answer, Contribution, write

FIELDWORK = (datetime(2024, 4, 11, 8), datetime(2024, 5, 17, 18))
ALIAS = "NMC_Needs_Assessment_2024"
EXPORTED = date(2024, 5, 21)
CODER = "samples"


def build() -> None:
    """Write the extract beside its codebook, and what its open answers were coded as."""
    codebook = load("nmc_survey", "2024")
    write(codebook.folder / "extract.xlsx", ALIAS, EXPORTED, codebook, contributions())
    (codebook.folder / FILE).write_text(codings_text(codings()), encoding="utf-8", newline="")


def contributions() -> list[Contribution]:
    """The 62 as the platform holds them, in the order in which they were submitted."""
    solved = answers()
    submitted = sorted(solved.people, key=lambda person: _submitted(person.number)[0])
    return [_contribution(solved, person, place) for place, person in enumerate(submitted, start=1)]


def codings() -> list[Coding]:
    """What the texts were made from, as the codings of the person who coded them."""
    solved = answers()
    rows = [
        {
            "response_id": _identifier(number),
            "question_code": question,
            "codes": " ".join(codes),
            "text_hash": text_hash(str(solved.given[question][number])),
        }
        for question, coded in solved.coded.items()
        for number, codes in coded.items()
    ]
    same = {"file": FILE, "line": 0, "coder": CODER, "coded_on": EXPORTED.isoformat(), "final": ""}
    return [make_coding({**same, **row}) for row in rows]


def _identifier(number: int) -> str:
    return noise.identifier("survey", number)


def _submitted(number: int) -> tuple[datetime, datetime]:
    start, end = FIELDWORK
    created = start + timedelta(minutes=noise.between(0, int((end - start).total_seconds() // 60), "created", number))
    updated = created + timedelta(minutes=noise.between(0, 3000, "updated", number))
    return created, min(end, updated) if noise.unit("edited", number) < 0.3 else created


def _contribution(solved: Sheet, person: Respondent, place: int) -> Contribution:
    filled: dict[str, Answer] = {
        question: given[person.number] for question, given in solved.given.items() if person.number in given
    }
    filled |= _contact(person.number, place)
    created, updated = _submitted(person.number)
    return Contribution(
        filled,
        contribution_id=_identifier(person.number),
        invitation=noise.identifier("invitation", person.number),
        user=f"respondent{place:02}@city.invalid",
        created=created,
        updated=updated,
        language=noise.one_of(("EN",) * 8 + ("FR", "IT"), "language", person.number),
    )


def _contact(number: int, place: int) -> dict[str, Answer]:
    """Personal answers, invented and recognisably so."""
    return {
        "respondent_name": f"Respondent {place:02}",
        "respondent_function": noise.one_of(texts.FUNCTIONS, "function", number),
        "respondent_department": noise.one_of(texts.DEPARTMENTS, "department", number),
        "respondent_email": f"respondent{place:02}@city.invalid",
        "city_website": f"https://city-{place:02}.invalid/climate" if noise.unit("website", number) < 0.6 else None,
    }
