"""The survey of 2025: who answers again, how far answers move, and that questions changed as the crosswalk says."""

from __future__ import annotations

from collections import Counter

import pytest

from orchestration.rounds.crosswalk import load_crosswalk
from samples import eoi, second_survey
from samples.answers import answers
from samples.codebook import load
from samples.drift import Move, drifted, moves
from samples.texts import WANTED_SERVICES
from tests.samples.extracts import ROUNDS, Extract

FOLDER = ROUNDS / "nmc_survey" / "2025"


def test_48_cities_answer_again_and_20_for_the_first_time(survey: Extract, second: Extract) -> None:
    before, now = ({row["city"] for row in extract.rows} for extract in (survey, second))
    assert len(second.rows) == len(now) == 68
    assert (len(before & now), len(before - now), len(now - before)) == (48, 14, 20)


def test_a_city_that_answers_again_is_where_it_was_and_about_as_large(survey: Extract, second: Extract) -> None:
    before = {row["city"]: row for row in survey.rows}
    for row in second.rows:
        if row["city"] in before:
            assert row["country"] == before[row["city"]]["country"]
            assert row["eoi_2021"] == before[row["city"]]["eoi_2021"]
            assert abs(row["population"] / before[row["city"]]["population"] - 1) <= 0.021


def test_new_cities_applied_if_they_say_so_and_were_not_selected(survey: Extract, second: Extract) -> None:
    known = {row["city"] for row in survey.rows}
    applicants = {city.pseudonym: city for city in eoi.applicants()}
    new = [row for row in second.rows if row["city"] not in known]
    assert [row["eoi_2021"] == "Yes" for row in new] == [row["city"] in applicants for row in new]
    applied = [row for row in new if row["city"] in applicants]
    assert len(applied) == 5
    assert not any(applicants[row["city"]].is_mission for row in applied)
    labels = second.choices["country"]
    assert all(row["country"] == labels[applicants[row["city"]].country] for row in applied)


def test_contributions_are_new_ones(survey: Extract, second: Extract) -> None:
    ids = [row["Contribution Id"] for extract in (survey, second) for row in extract.rows]
    assert len(set(ids)) == 130


def test_the_questionnaire_changed_as_its_crosswalk_says() -> None:
    rows = load_crosswalk(FOLDER / "crosswalk.csv").rows
    changed = {row.question_code or row.earlier_code: row.verdict for row in rows if row.verdict != "same"}
    assert changed == {
        "admin_structure": "reworded",
        "ch_measuring": "reworded",
        "capital_needs_capacity": "new scale",
        "mission_city_exchange": "new",
        "ch_workforce": "new",
        "residual_emissions_pct": "dropped",
        "budget_share": "dropped",
    }
    assert all(row.is_confirmed for row in rows)


def test_every_row_of_the_drift_is_of_a_question_and_of_choices_that_there_are() -> None:
    before, now = load("nmc_survey", "2024"), load("nmc_survey", "2025")
    for question, rows in moves().items():
        if question == "wanted_services_class":
            given = answered = set(WANTED_SERVICES)
        else:
            given, answered = set(before.labels(question)), set(now.labels(question))
        for move in rows:
            assert move.choice in given | {"any", ""}, question
            assert move.becomes in answered | {"higher", "lower", ""}, question
            assert 0 < move.share <= 1, question


def test_cities_that_answer_again_move_as_the_drift_says() -> None:
    """`ch_market`: 4 % of the 68 rise (who is at the end of the scale stays there), 70 % fall; most are of the 48."""
    given, now = answers().given["ch_market"], second_survey.sheet()["ch_market"]
    again = [number for number, city in second_survey.respondents().items() if not city.is_new]
    change = Counter(int(str(now[number])) - int(str(given[number])) for number in again)
    assert set(change) == {-1, 0, 1}
    assert change[1] <= round(0.04 * 68)
    assert round(0.7 * 68) - 20 <= change[-1] <= round(0.7 * 68)


def test_no_answer_moves_where_no_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samples.drift.moves", dict)
    assert drifted("staff", {1: "sufficient", 2: None}, ["sufficient"]) == {1: "sufficient", 2: None}


@pytest.mark.parametrize(
    ("move", "given", "expected"),
    [
        (Move("any", "higher", 1), {1: "4", 2: "5", 3: "1"}, {1: "5", 2: "5", 3: "2"}),
        (Move("any", "lower", 1), {1: "4", 2: "5", 3: "1"}, {1: "3", 2: "4", 3: "1"}),
        (Move("2", "5", 0.5), {1: "2", 2: "2", 3: "3"}, {3: "3"}),
        (Move("", "4", 1), {1: ["3"], 2: ["none"], 3: ["4"]}, {1: ["3", "4"], 2: ["4"], 3: ["4"]}),
        (Move("3", "", 1), {1: ["3"], 2: ["3", "4"]}, {1: ["none"], 2: ["4"]}),
    ],
    ids=["higher", "lower", "half", "gained", "dropped"],
)
def test_moves(move: Move, given: dict, expected: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samples.drift.moves", lambda: {"q": (move,)})
    is_menu = isinstance(given[1], list)
    after = drifted("q", given, ["1", "2", "3", "4", "5", *(["none"] if is_menu else [])])
    assert expected.items() <= after.items()
    if move.share == 0.5:
        assert sorted([after[1], after[2]]) == ["2", "5"]
