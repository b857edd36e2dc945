"""How choices are joined in a cell, and what ticks a column of one choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.common.values import Cell, Fault
from orchestration.rounds.card import load_round
from orchestration.rounds.choices import ChoiceReader, known_ticks
from orchestration.rounds.codebook import Choice, CodebookError
from tests.orchestration.readers.deliveries import Row, answers, choices, deliver, question, read_round, write_card

SUPPORT = ("Funding, grants and loans", "Technical advice", "Training, peer learning", "Funding")


def reader(*labels: str, joint: str = "", is_multiple: bool = True) -> ChoiceReader:
    listed = [Choice("things", f"c{number}", label, number) for number, label in enumerate(labels, 1)]
    return ChoiceReader("things", listed, is_multiple, joint)


def names(found: tuple[Choice, ...] | Fault) -> list[str]:
    assert not isinstance(found, Fault), found
    return [choice.name for choice in found]


@pytest.mark.parametrize("said", [True, False], ids=["said", "not said"])
@pytest.mark.parametrize(
    ("joint", "labels", "cell", "expected"),
    [
        (",", SUPPORT, "Funding, grants and loans, Training, peer learning", ["c1", "c3"]),
        (",", SUPPORT, "Funding, Technical advice", ["c2", "c4"]),
        (",", SUPPORT, "Training,peer learning", ["c3"]),
        (",", ("Ja, ganz", "Nein, noch nicht", "Weiß nicht"), "Weiß nicht, Ja, ganz", ["c1", "c3"]),
        (" ", ("money", "advice", "money_later"), "money_later money", ["c1", "c3"]),
        (" ", ("Très important", "Important", "Peu"), "Important Très important", ["c1", "c2"]),
        (" ", ("1", "2", "10"), "10 1", ["c1", "c3"]),
        ("|", ("Parks", "Trees"), "Trees | Parks", ["c1", "c2"]),
        ("\n", ("Wohnen, Bauen", "Verkehr; Straßen"), "Verkehr; Straßen\r\nWohnen, Bauen\n", ["c1", "c2"]),
        (";", SUPPORT, "Funding;Funding, grants and loans;", ["c1", "c4"]),
    ],
)
def test_a_cell_is_split_where_its_choices_are_joined(
    joint: str, labels: tuple[str, ...], cell: str, expected: list[str], said: bool
) -> None:
    choice_reader = reader(*labels, joint=joint if said else "")
    assert names(choice_reader.read(cell)) == expected
    assert choice_reader.joints_found == (set() if said or joint == ";" else {joint})


def test_what_a_sign_that_was_not_said_leaves_over_is_rejected() -> None:
    found = reader(*SUPPORT).read("Technical advice, Funding, a new bus")
    assert isinstance(found, Fault)
    assert found.reason.startswith("'a new bus' is no choice of the list things")


def test_a_cell_that_two_signs_part_into_other_choices_is_rejected() -> None:
    labels = ("a, b", "c", "a", "b c")
    assert isinstance(reader(*labels).read("a, b c"), Fault)
    assert names(reader(*labels, joint=",").read("a, b c")) == ["c3", "c4"]
    assert names(reader(*labels, joint=" ").read("a, b c")) == ["c1", "c2"]


def test_choices_of_one_answer_are_never_split() -> None:
    assert isinstance(reader("money", "advice", is_multiple=False, joint=" ").read("money advice"), Fault)


def test_a_long_text_that_is_no_choice_is_judged_in_proportion_to_its_length() -> None:
    found = reader("a", "a a", "b", joint=" ").read("a " * 20_000 + "x")
    assert isinstance(found, Fault)
    assert found.reason.startswith("'x' is no choice")


@pytest.mark.parametrize("cell", ["3", "3.0", "3,00", 3, 3.0])
def test_numbers_match_as_numbers(cell: Cell) -> None:
    assert names(reader("1", "2", "3", "2.5", is_multiple=False).read(cell)) == ["c3"]


@pytest.mark.parametrize(("cell", "name"), [("2.50", "c1"), ("2,5", "c1"), ("-1.0", "c2"), ("007", "c3")])
def test_numbers_are_written_in_more_than_one_way(cell: Cell, name: str) -> None:
    assert names(reader("2.5", "-1", "007", is_multiple=False).read(cell)) == [name]


@pytest.mark.parametrize("cell", ["1.000", "01", "1.0.0", "1e0", "7.0", "3.1"])
def test_what_may_be_another_number_or_a_code_is_none(cell: str) -> None:
    assert isinstance(reader("1", "007", "3", "3.0", is_multiple=False).read(cell), Fault)


def test_where_two_choices_are_one_number_the_text_decides() -> None:
    both = reader("3", "3.0", is_multiple=False)
    assert [names(both.read(cell)) for cell in ("3", "3.0")] == [["c1"], ["c2"]]
    assert isinstance(both.read("3.00"), Fault)


# Columns of one choice.


def test_no_word_is_a_tick_in_one_language_and_none_in_another() -> None:
    assert not known_ticks().ticked & known_ticks().not_ticked


TICKED = [
    question("text", "id", "id", role="response_id"),
    question("select_multiple support", "support", "Support"),
]
MONEY: list[Row] = choices("support", money="Money", advice="Advice")


def ticks(tmp_path: Path, *cells: str, **card: Any) -> tuple[list[str], list[str]]:
    rows = "".join(f"{cell};{cell};0\n" for cell in cells)
    content = f"id;Support [Money];Support [Advice]\n{rows}"
    result = read_round(deliver(tmp_path / "rounds/x/2025", TICKED, MONEY, content, **card))
    unread = [row["raw"] for row in result.rejected.to_pylist()]
    return [response for response, name, _ in answers(result) if name == "support"], unread


def test_a_tick_is_one_in_the_languages_of_europe(tmp_path: Path) -> None:
    yes = ["Tak", "ANO", "Kyllä", "Oui", "Sí", "SIM", "Ja", "Да", "Ναι", "ΝΑΙ", "Igen", "Iva", "X", "✓", "1.0", "WAHR"]
    no = ["Nie", "Ne", "Ei", "Non", "NÃO", "Nei", "Не", "Όχι", "Nem", "Le", "☐", "0,0", "FALSCH", "nicht gewählt"]
    assert ticks(tmp_path, *yes, *no) == (yes, [])


@pytest.mark.parametrize("cell", ["jo", "maybe", "2", "-"])
def test_what_does_not_say_it_for_sure_is_rejected(tmp_path: Path, cell: str) -> None:
    assert ticks(tmp_path, "yes", cell) == (["yes"], [cell])


def test_a_round_may_have_ticks_of_its_own(tmp_path: Path) -> None:
    assert ticks(tmp_path, "Jo", "po", "Ne", ticked="[jo, ne]", not_ticked="po") == (["Jo", "Ne"], [])


# What round.yml says.


@pytest.mark.parametrize(
    ("written", "joint"),
    [
        ('", "', ","),
        ('" "', " "),
        ('"\\t"', " "),
        ('"\\n"', "\n"),
        ('"|"', "|"),
        ('" / "', "/"),
        ('";"', ";"),
        ('""', ""),
    ],
)
def test_the_card_says_what_joins_choices(tmp_path: Path, written: str, joint: str) -> None:
    assert load_round(write_card(tmp_path / "rounds/x/2025", joined_by=written)).joined_by == joint


@pytest.mark.parametrize("written", ["and", '", or "', "x", "1", '" - - "'])
def test_what_may_be_part_of_a_choice_joins_none(tmp_path: Path, written: str) -> None:
    with pytest.raises(
        CodebookError, match=r"round\.yml, row \d+, column joined_by: .* cannot join choices.*To do: write the sign"
    ):
        load_round(write_card(tmp_path / "rounds/x/2025", joined_by=written))


def test_a_word_ticks_or_does_not(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"'JO' stands in ticked and in not_ticked: delete it in one"):
        load_round(write_card(tmp_path / "rounds/x/2025", ticked="[JO, x]", not_ticked="jo"))


@pytest.mark.parametrize("written", ["no", "[x, yes]", "off"])
def test_a_word_that_yaml_takes_for_a_truth_value_is_asked_for_in_quotation_marks(tmp_path: Path, written: str) -> None:
    with pytest.raises(
        CodebookError, match=r"column ticked: .*truth values\. To do: put the word into quotation marks"
    ):
        load_round(write_card(tmp_path / "rounds/x/2025", ticked=written))
    assert load_round(write_card(tmp_path / "rounds/x/2025", ticked='["no", 1, 2.5]')).ticked == ("no", "1", "2.5")


def test_what_is_not_said_is_noted(tmp_path: Path) -> None:
    content = "id;Support\nr1;Advice, Money\nr2;Money, Advice\nr3;Money, more\nr4;\n"
    result = read_round(deliver(tmp_path / "rounds/x/2025", TICKED, MONEY, content))
    assert [found for found in answers(result) if found[1] == "support"] == [
        ("r1", "support", "money"),
        ("r1", "support", "advice"),
        ("r2", "support", "money"),
        ("r2", "support", "advice"),
    ]
    assert [note for note in result.notes if "joined" in note] == [
        "x/2025/extract.csv: the choices of support are taken to be joined by ',': `joined_by: \",\"` in round.yml "
        "says so for sure"
    ]
    (rejected,) = result.rejected.to_pylist()
    assert rejected["reason"].startswith("'more' is no choice")
    said = read_round(deliver(tmp_path / "rounds/y/2025", TICKED, MONEY, content, joined_by='", "'))
    assert not [note for note in said.notes if "joined" in note]
    assert said.answers.num_rows == result.answers.num_rows
