"""A valid file, damaged at random in one place: whatever is landed afterwards still stands where it belongs.

What no reader can see is left out: a digit typed wrongly, lines exchanged inside a quoted text, a cut from
the middle of one row to that of another, a file that ends just before its last field. For these there are the
checksum in round.yml and the number of responses expected at the door.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.codebook import Codebook, RoundCard, load_codebook
from orchestration.readers import ExtractError, ReadResult, read_extract
from tests.orchestration.readers.deliveries import choices, deliver, extract_of, question

STRUCTURE = ',"\n'
ROWS = 9
DAMAGES_EACH = 150

QUESTIONS = [
    question("text", "code", "Code", role="response_id"),
    question("text", "city", "City"),
    question("integer", "population", "Inhabitants"),
    question("select_multiple support", "support", "Support"),
    question("text", "comment", "Comment"),
    question("decimal", "share", "Share"),
    question("date", "adopted", "Adopted"),
    question("select_one target", "target", "Target"),
]
CHOICES = [
    *choices("support", money="Money", advice="Advice, training", staff="Staff"),
    *choices("target", existing="Existing", planned="Planned", none="No target"),
]


def _line(row: int) -> str:
    support = ['"Money;Advice, training"', "Staff", '"Money;Advice, training;Staff"'][row % 3]
    comment = [f'"row {row} says ""yes"", or\nrow {row} says no"', f"row {row} is calm", f'", row {row} ,"'][row // 3]
    target = ["Existing", "Planned", "No target"][row % 3]
    adopted = date(2024, 1, 1) + timedelta(days=row)
    return f"r{row},City of {row},{1000 + row},{support},{comment},{row + 0.5},{adopted},{target}\n"


LINES = ["Code,City,Inhabitants,Support,Comment,Share,Adopted,Target\n", *map(_line, range(ROWS))]
VALID = "".join(LINES)


def _insert(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice([*STRUCTURE, ";", "\r", "\n\n", '""', ",,", "\t"]) + text[place:]


def _place_of_structure(text: str, rng: random.Random) -> int:
    return rng.choice([place for place, char in enumerate(text) if char in STRUCTURE])


def _delete(text: str, rng: random.Random) -> str:
    place = _place_of_structure(text, rng)
    return text[:place] + text[place + 1 :]


def _replace(text: str, rng: random.Random) -> str:
    place = _place_of_structure(text, rng)
    return text[:place] + rng.choice([*STRUCTURE, ";"]) + text[place + 1 :]


def _truncate(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))].rstrip(",")


def _repeat_row(text: str, rng: random.Random) -> str:
    return text + rng.choice(LINES)


def _drop_row(text: str, rng: random.Random) -> str:
    return text.replace(rng.choice(LINES), "")


def _move_row(text: str, rng: random.Random) -> str:
    line = rng.choice(LINES)
    return text.replace(line, "") + line


def _insert_row(text: str, rng: random.Random) -> str:
    row = rng.choice(["Total\n", "\n", ",,,,,,,\n", "a,b\n", "--- page 2 ---\n", LINES[0]])
    line = rng.choice(LINES)
    return text.replace(line, row + line)


DAMAGES: list[Callable[[str, random.Random], str]] = [
    _insert, _delete, _replace, _truncate, _repeat_row, _drop_row, _move_row, _insert_row,
]  # fmt: skip

Answers = Mapping[tuple[str, str], list[tuple[object, ...]]]


def _squashed(text: str | None) -> str | None:
    """A text without the characters that the damage adds or takes away."""
    return text if text is None else "".join(char for char in text if char not in STRUCTURE + ";\t\r ")


def _answers(result: ReadResult) -> Answers:
    found = defaultdict(list)
    for row in result.answers.to_pylist():
        value = (row["choice_code"], _squashed(row["value_text"]), row["value_number"], row["value_date"])
        found[str(_squashed(row["response_id"])), row["question_code"]].append(value)
    return dict(found)


def _delivered(place: tuple[str, str]) -> tuple[str, str]:
    """The place with the id as the file has it: a row that comes again is a further submission."""
    response, question = place
    return response.partition("#")[0], question


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoundCard, Codebook]:
    folder: Path = tmp_path_factory.mktemp("seeds") / "rounds" / "eoi" / "2021"
    card = deliver(folder, QUESTIONS, CHOICES, VALID)
    return card, load_codebook(folder)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_no_damage_shifts_a_value(
    delivery: tuple[RoundCard, Codebook], damage: Callable[[str, random.Random], str]
) -> None:
    card, codebook = delivery
    extract_of(card).write_text(VALID, encoding="utf-8", newline="")
    original = _answers(read_extract(card, codebook))
    assert len(original) == ROWS * len(QUESTIONS)
    for seed in range(DAMAGES_EACH):
        damaged = damage(VALID, random.Random(seed))
        extract_of(card).write_text(damaged, encoding="utf-8", newline="")
        try:
            result = read_extract(card, codebook)
        except ExtractError:
            continue
        _assert_nothing_shifted(result, original, damaged)


def _assert_nothing_shifted(result: ReadResult, original: Answers, damaged: str) -> None:
    rejected = result.rejected.to_pylist()
    rows_n = sum(row["scope"] == "row" for row in rejected)
    assert result.rows_in == result.responses.num_rows + rows_n, damaged
    landed = _answers(result)
    for place, values in landed.items():
        assert values == original.get(_delivered(place)), f"{place}: {values}\n{damaged}"
    refused = {(_squashed(row["response_id"]), row["question_code"]) for row in rejected}
    for response in map(_squashed, result.responses.column("response_id").to_pylist()):
        for row in QUESTIONS:
            place = (response, row["name"])
            assert place in landed or place in refused, f"{place} is lost\n{damaged}"
