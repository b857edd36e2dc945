"""Every rule of the door, shown to hold on a sound round and to fail on a planted fault."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from expectations.door import check_door
from expectations.outcomes import Outcome
from orchestration.landing.landing import land
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import (
    CHOICES,
    FIRST,
    HEADER,
    METADATA,
    QUESTIONS,
    SECOND,
    Row,
    Serial,
    choices,
    deliver,
    eusurvey,
    question,
    workbook,
)

RULES = {
    "expected_responses_reached": "error",
    "numbers_at_least_minimum": "error",
    "numbers_at_most_maximum": "error",
    "rejected_answers_within_limit": "error",
    "rejected_rows_within_limit": "error",
    "required_questions_answered": "error",
    "answers_only_where_relevant": "warn",
    "no_answer_corrected": "warn",
    "no_answer_rejected": "warn",
    "no_personal_data_in_texts": "warn",
    "no_test_or_incomplete_response": "warn",
    "questions_answered_at_all": "warn",
    "respondents_answered_once": "warn",
    "submitted_during_fieldwork": "warn",
}


def _check(
    tmp_path: Path,
    content: str | bytes,
    questions: Sequence[Row] = QUESTIONS,
    choice_rows: Sequence[Row] = CHOICES,
    **card: Any,
) -> dict[str, Outcome]:
    loaded = deliver(tmp_path / "seeds/rounds/eoi/2021", questions, choice_rows, content, **card)
    landed = land(loaded, tmp_path / "landing")
    outcomes = check_door(landed, load_codebook(loaded.folder), loaded)
    by_rule = {outcome.rule: outcome for outcome in outcomes}
    assert len(by_rule) == len(outcomes)
    return by_rule


def _broken(outcomes: dict[str, Outcome]) -> set[str]:
    return {rule for rule, outcome in outcomes.items() if not outcome.passed}


def test_a_sound_round_passes_every_rule(tmp_path: Path) -> None:
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND)
    assert _broken(outcomes) == set()
    assert {rule: outcome.severity for rule, outcome in outcomes.items()} == RULES
    severities = [outcome.severity for outcome in outcomes.values()]
    assert severities == sorted(severities)


@pytest.mark.parametrize(
    ("content", "card", "broken", "count", "key"),
    [
        pytest.param(
            HEADER + FIRST + SECOND.replace("Beta", " "), {}, "required_questions_answered", 1,
            "response id r2, question city, answer missing", id="required_question_unanswered",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace(",7,", ",0,"), {}, "numbers_at_least_minimum", 1,
            "response id r2, question population, number 0, minimum 1", id="number_too_small",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace(",7,", ",1000001,"), {}, "numbers_at_most_maximum", 1,
            "response id r2, question population, maximum 1000000, number 1000001", id="number_too_large",
        ),
        pytest.param(
            HEADER + FIRST + SECOND, {"expected_responses": 3}, "expected_responses_reached", 1,
            "round eoi.2021, responses and rejected rows 2", id="response_missing",
        ),
        pytest.param(
            HEADER + FIRST + SECOND, {"expected_responses": 1}, "expected_responses_reached", 1,
            "round eoi.2021, responses and rejected rows 2", id="response_too_many",
        ),
        pytest.param(
            HEADER + FIRST + FIRST.replace("r1", ""), {"rejected_share_limit": 0.4}, "rejected_rows_within_limit", 1,
            "round eoi.2021, share of rejected rows 0.5", id="rows_rejected",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace("No target,,", "Existing,Money,"),
            {}, None, 0, "", id="all_well",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace("No target,,", "No target,Money,"), {},
            "answers_only_where_relevant", 1,
            "response id r2, question support, asked no", id="answered_though_not_asked",
        ),
        pytest.param(
            HEADER + FIRST.replace("1.5", "") + SECOND, {}, "questions_answered_at_all", 1,
            "question share, answers 0", id="question_never_answered",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace("No target", "Perhaps"), {}, "no_answer_rejected", 1,
            "source row 3, question target, result unknown_choice", id="answer_rejected",
        ),
        pytest.param(
            HEADER + FIRST + SECOND.replace("Beta", "ask bob@city.example or +33 1 42 68 53 00"), {},
            "no_personal_data_in_texts", 1,
            "source row 3, question city, removed [e-mail removed], [telephone number removed]", id="personal_data",
        ),
    ],
)  # fmt: skip
def test_a_planted_fault_breaks_its_rule_and_no_other(
    tmp_path: Path, content: str, card: dict[str, Any], broken: str | None, count: int, key: str
) -> None:
    outcomes = _check(tmp_path, content, **card)
    assert _broken(outcomes) == ({broken} if broken else set())
    if broken:
        outcome = outcomes[broken]
        assert (outcome.count, outcome.keys) == (count, (key,))
        assert outcome.severity == RULES[broken]
        assert "To do: " in outcome.summary()


def test_too_many_rejected_answers_stop_the_round(tmp_path: Path) -> None:
    bad = SECOND.replace("No target", "Perhaps").replace(",7,", ",many,").replace("3 = high need", "huge")
    outcomes = _check(tmp_path, HEADER + FIRST + bad, rejected_share_limit=0.2)
    assert _broken(outcomes) == {"rejected_answers_within_limit", "no_answer_rejected"}
    assert outcomes["rejected_answers_within_limit"].keys == (
        "round eoi.2021, share of rejected answers 0.230769230769231",
    )
    assert outcomes["no_answer_rejected"].count == 3


def test_rejected_rows_count_as_expected_responses(tmp_path: Path) -> None:
    outcomes = _check(tmp_path, HEADER + FIRST + FIRST.replace("r1", ""))
    assert outcomes["expected_responses_reached"].passed


def test_a_resubmission_is_told_and_is_no_further_response(tmp_path: Path) -> None:
    again = SECOND.replace("Beta", "Betta")
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND + again + again)
    assert _broken(outcomes) == {"respondents_answered_once"}
    told = outcomes["respondents_answered_once"]
    assert (told.count, told.keys) == (1, ("respondent r2, complete responses 3",))


def test_only_the_response_that_counts_is_judged(tmp_path: Path) -> None:
    """A city that left a required answer out and sends it later has made good; the other way round it has not."""
    silent, too_small = SECOND.replace("Beta", " "), SECOND.replace(",7,", ",0,")
    made_good = _check(tmp_path / "good", HEADER + FIRST + silent + too_small + SECOND)
    assert _broken(made_good) == {"respondents_answered_once"}
    undone = _check(tmp_path / "undone", HEADER + FIRST + SECOND + silent)
    assert _broken(undone) == {"respondents_answered_once", "required_questions_answered"}
    assert undone["required_questions_answered"].keys == ("response id r2#2, question city, answer missing",)


STATUS = question("select_one status", "status", "Status", role="status")
STATUS_CHOICES = choices("status", complete="Done", incomplete="Open", test="Test")


def _with_status(*rows: tuple[str, str]) -> str:
    return HEADER.replace("\n", ",Status\n") + "".join(row.replace("\n", f",{status}\n") for row, status in rows)


def test_incomplete_and_test_responses_are_told_and_neither_expected_nor_judged(tmp_path: Path) -> None:
    silent = SECOND.replace("Beta", " ").replace("r2", "r3")
    content = _with_status((FIRST, "Done"), (SECOND, "Done"), (silent, "Open"), (silent.replace("r3", "r4"), "Test"))
    outcomes = _check(tmp_path, content, [*QUESTIONS, STATUS], [*CHOICES, *STATUS_CHOICES])
    assert _broken(outcomes) == {"no_test_or_incomplete_response"}
    told = outcomes["no_test_or_incomplete_response"]
    assert (told.count, told.keys) == (2, ("response id r3, standing incomplete", "response id r4, standing test"))


def test_corrections_are_told_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "seeds/rounds/eoi/2021"
    folder.mkdir(parents=True)
    (folder / "corrections.csv").write_text(
        "response_id,question_code,expected,corrected,reason,decided_on\n"
        "r1,share,1.5,,not a share,2026-01-02\n"
        "r2,target,Perhaps,Planned; not adopted,they said so,2026-01-02\n"
    )
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND.replace("No target", "Perhaps").replace(",7,,", ",7,2,"))
    assert _broken(outcomes) == {"no_answer_corrected"}
    told = outcomes["no_answer_corrected"]
    assert (told.count, told.severity) == (2, "warn")
    assert told.keys == (
        "response id r1, question share, corrected no answer",
        "response id r2, question target, corrected Planned; not adopted",
    )


def test_an_unreadable_answer_to_a_required_question_is_told_by_one_rule_only(tmp_path: Path) -> None:
    questions = [{**row, "required": "yes"} if row["name"] == "population" else row for row in QUESTIONS]
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND.replace(",7,", ",many,"), questions)
    assert _broken(outcomes) == {"no_answer_rejected"}


def test_a_required_question_that_was_not_asked_may_be_unanswered(tmp_path: Path) -> None:
    questions = [{**row, "required": "yes"} if row["name"] == "support" else row for row in QUESTIONS]
    assert _broken(_check(tmp_path, HEADER + FIRST + SECOND, questions)) == set()
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND.replace("No target", "Existing"), questions)
    assert outcomes["required_questions_answered"].keys == ("response id r2, question support, answer missing",)


def test_personal_questions_are_under_no_rule(tmp_path: Path) -> None:
    questions = [{**row, "required": "yes"} if row["is_personal"] else row for row in QUESTIONS]
    assert _broken(_check(tmp_path, HEADER + FIRST + SECOND, questions)) == set()


def test_what_the_card_does_not_know_is_not_checked(tmp_path: Path) -> None:
    unknown = {"expected_responses": "", "fieldwork_start": "", "fieldwork_end": ""}
    outcomes = _check(tmp_path, HEADER + FIRST + SECOND, **unknown)
    assert {"expected_responses_reached", "submitted_during_fieldwork"}.isdisjoint(outcomes)


@pytest.mark.parametrize(
    ("serial", "is_inside"),
    [(45393.0, True), (45429.9999, True), (45392.9999, False), (45430.0, False)],
    ids=["first_morning", "last_evening", "evening_before", "morning_after"],
)
def test_responses_are_submitted_during_fieldwork(tmp_path: Path, serial: float, is_inside: bool) -> None:
    questions = [question("text", "city", "City")]
    row = ["Alpha", None, "id-1", None, Serial(serial), None, "EN"]
    content = workbook(eusurvey(["City", *METADATA], [row]))
    card = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx", "expected_responses": 1}
    outcomes = _check(tmp_path, content, questions, [], **card)
    assert _broken(outcomes) == (set() if is_inside else {"submitted_during_fieldwork"})
    assert is_inside or outcomes["submitted_during_fieldwork"].keys[0].startswith("response id id-1, submitted 2024-")


def test_a_large_round_is_judged_in_a_moment(tmp_path: Path) -> None:
    """Great Expectations gets few, long frames: its time does not grow with the number of questions."""
    kinds = ["select_one scale", "integer", "text"]
    bounds = {"integer": {"constraint": ". >= 0 and . <= 9"}}
    questions = [
        question(kinds[n % 3], f"q{n}", f"Question {n}", required="yes", **bounds.get(kinds[n % 3], {}))
        for n in range(300)
    ]
    cells = {"select_one scale": "two", "integer": 3.0, "text": "words"}
    rows = [
        [*(cells[kinds[n % 3]] for n in range(300)), None, f"id-{row}", None, Serial(45400), None, "EN"]
        for row in range(100)
    ]
    header = [row["label"] for row in questions] + list(METADATA)
    card = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx", "expected_responses": 100}
    loaded = deliver(
        tmp_path / "seeds/rounds/eoi/2021",
        questions,
        choices("scale", one="one", two="two"),
        workbook(eusurvey(header, rows)),
        **card,
    )
    landed = land(loaded, tmp_path / "landing")
    codebook = load_codebook(loaded.folder)
    check_door(landed, codebook, loaded)
    start = time.perf_counter()
    outcomes = check_door(landed, codebook, loaded)
    assert time.perf_counter() - start < 5
    assert all(outcome.passed for outcome in outcomes)
