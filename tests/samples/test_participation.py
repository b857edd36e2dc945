"""The mapping of initiatives and the register of participation, against Tables 8 and 16 of the report (D1.1)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from samples import participation, second_survey
from samples.answers import answers
from samples.eoi import applicants
from tests.samples.extracts import ROUNDS, read_csv

REGISTER = ROUNDS / "participation" / "2025" / "extract.csv"
MAPPING = ROUNDS / "initiative_mapping" / "2025" / "extract.csv"
PUBLISHED = ROUNDS.parent / "published" / "2024"


@pytest.fixture(scope="module")
def register() -> list[dict[str, str]]:
    return read_csv(REGISTER)


@pytest.fixture(scope="module")
def mapping() -> dict[str, dict[str, str]]:
    return {row["initiative"]: row for row in read_csv(MAPPING)}


def test_register_is_made_again_to_the_byte(tmp_path: Path) -> None:
    again = tmp_path / "extract.csv"
    participation.write(again)
    assert again.read_bytes() == REGISTER.read_bytes()


def test_as_many_respondents_stand_in_an_initiative_as_table_8_prints(
    register: list[dict[str, str]], mapping: dict[str, dict[str, str]]
) -> None:
    surveyed = {person.pseudonym for person in answers().people}
    counted = Counter(mapping[row["initiative"]]["name"] for row in register if row["city"] in surveyed)
    printed = {
        row["row_label"]: int(row["printed"])
        for row in read_csv(PUBLISHED / "cells.csv")
        if (row["source"], row["number"], row["measure"]) == ("table", "8", "count")
    }
    named = {label: n for label, n in printed.items() if not label.startswith(("No, ", "Other"))}
    assert len(named) == 19
    assert {label: counted[label] for label in named} == named


def test_one_in_ten_says_otherwise_than_the_register(register: list[dict[str, str]]) -> None:
    listed = {row["city"] for row in register if row["initiative"] == "covenant_of_mayors"}
    sheet = answers()
    saying = {sheet.people[number].pseudonym for number in sheet.who("initiatives", "covenant_of_mayors")}
    surveyed = {person.pseudonym for person in sheet.people}
    assert (len(saying & listed), len(saying - listed), len((listed & surveyed) - saying)) == (31, 3, 3)


def test_a_city_stands_once_in_an_initiative_and_each_is_mapped(
    register: list[dict[str, str]], mapping: dict[str, dict[str, str]]
) -> None:
    pairs = [(row["city"], row["initiative"]) for row in register]
    assert len(pairs) == len(set(pairs))
    assert {initiative for _, initiative in pairs} <= mapping.keys()
    later = {city.pseudonym for city in second_survey.respondents().values()}
    known = {person.pseudonym for person in answers().people} | {city.pseudonym for city in applicants()} | later
    assert {city for city, _ in pairs} <= known


def test_what_has_ended_has_a_year_and_what_is_active_has_none(register: list[dict[str, str]]) -> None:
    assert {row["status"] for row in register} == {"active", "ended"}
    assert all((row["until"] != "") == (row["status"] == "ended") for row in register)
    assert all(int(row["since"]) < int(row["until"]) for row in register if row["until"])


def test_each_project_of_table_16_is_mapped_with_its_line_and_its_relation_to_the_mission(
    mapping: dict[str, dict[str, str]],
) -> None:
    printed = {
        (row["row_label"], row["line"], row["value"].lower())
        for row in read_csv(PUBLISHED / "text.csv")
        if (row["source"], row["number"]) == ("table", "16")
    }
    projects = [row for row in mapping.values() if row["kind"] == "project"]
    assert len(printed) == 18
    assert {(row["name"], row["line"], row["mission_related"]) for row in projects} == printed


def test_each_initiative_of_table_8_is_mapped_with_the_line_that_names_it(mapping: dict[str, dict[str, str]]) -> None:
    printed = {
        row["row_label"]: row["line"]
        for row in read_csv(PUBLISHED / "cells.csv")
        if (row["source"], row["number"], row["measure"]) == ("table", "8", "count")
    }
    mapped = {row["name"]: row["line"] for row in mapping.values()}
    assert {
        name: line for name, line in printed.items() if not name.startswith(("No, ", "Other"))
    }.items() <= mapped.items()


def test_cards_and_lists_of_both_rounds_name_the_same_initiatives(mapping: dict[str, dict[str, str]]) -> None:
    choices = read_csv(Path(REGISTER.parent / "choices.csv"))
    assert [row["name"] for row in choices if row["list_name"] == "initiative"] == list(mapping)
    scale = [row for row in read_csv(ROUNDS.parent / "scales.csv") if row["scale_code"] == "initiative_listed"]
    assert [row["choice_code"] for row in scale] == [*mapping, "none"]
    assert {row["choice_code"]: row["label"] for row in scale if row["choice_code"] != "none"} == {
        code: row["name"] for code, row in mapping.items()
    }
