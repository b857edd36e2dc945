"""A round that follows another says which questions are the earlier ones."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from deployments import MINI_SEEDS

from orchestration.onboarding.matching import propose_crosswalk
from orchestration.rounds.card import load_rounds
from orchestration.rounds.codebook import load_codebook
from orchestration.rounds.crosswalk import (
    CROSSWALK_COLUMNS,
    CrosswalkError,
    check_crosswalks,
    crosswalk_text,
    earlier_rounds,
    load_crosswalk,
    round_problems,
)
from tests.orchestration.readers.deliveries import Row, choices, csv_text, question, write_card, write_codebook

QUESTIONS = [
    question("text", "id", "Code", role="response_id"),
    question("select_one plan", "plan", "Is there a plan?"),
    question("integer", "staff", "How many people work on it?"),
]
PLAN = choices("plan", yes="Yes", no="No")


def written(seeds: Path, name: str, questions: Sequence[Row] = QUESTIONS, choice_rows: Sequence[Row] = PLAN) -> Path:
    """A round of the instrument x."""
    folder = seeds / "rounds" / "x" / name
    write_codebook(folder, questions, choice_rows)
    write_card(folder)
    return folder


def row(code: str, earlier: str, verdict: str, **more: str) -> Row:
    values = {"question_code": code, "earlier_code": earlier, "verdict": verdict, "confirmed": "yes", **more}
    return {**dict.fromkeys(CROSSWALK_COLUMNS, ""), "earlier_round": "2024" if earlier else "", **values}


SAME = [row("id", "id", "same"), row("plan", "plan", "same"), row("staff", "staff", "same")]


def errors(seeds: Path, rows: Sequence[Row] | None = SAME) -> list[str]:
    """What loading the rounds says, the second one's crosswalk being as given."""
    if rows is not None:
        (seeds / "rounds/x/2025/crosswalk.csv").write_text(csv_text(CROSSWALK_COLUMNS, rows))
    cards = load_rounds(seeds)
    try:
        check_crosswalks(cards, {card.key: load_codebook(card.folder) for card in cards})
    except CrosswalkError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_first_round_needs_no_crosswalk_and_a_confirmed_one_is_taken(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    assert errors(tmp_path, None) == []
    written(tmp_path, "2025")
    assert errors(tmp_path) == []


def test_rounds_follow_each_other_by_name_within_an_instrument(tmp_path: Path) -> None:
    for name in ("2023", "2025", "2024"):
        written(tmp_path, name)
    write_card(tmp_path / "rounds/y/2022")
    cards = load_rounds(tmp_path)
    assert [card.round for card in earlier_rounds(cards[2], cards)] == ["2024", "2023"]


def test_a_later_round_without_crosswalk_names_the_command_that_proposes_it(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025")
    (message,) = errors(tmp_path, None)
    assert "x/2025/crosswalk.csv" in message
    assert "`needs round new --instrument x --round 2025`" in message


def test_every_row_that_nobody_confirmed_stops_the_round(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025")
    rows = [SAME[0], {**SAME[1], "confirmed": ""}, {**SAME[2], "confirmed": ""}]
    found = errors(tmp_path, rows)
    assert ["row 3" in found[0], "row 4" in found[1], len(found)] == [True, True, 2]
    assert "nobody has confirmed the verdict 'same'" in found[0]
    assert "needs round confirm x/2025 plan" in found[0]


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"verdict": "smae"}, "verdict", "unknown verdict 'smae'. To do: use one of"),
        ({"basis": "guess"}, "basis", "unknown basis 'guess'"),
        ({"confirmed": "no"}, "confirmed", "'no' is neither yes nor empty"),
        ({"score": "101"}, "score", "'101' is no score"),
        ({"earlier_code": "", "earlier_round": ""}, "earlier_code", "a question that is 'same' needs it"),
        ({"verdict": "new"}, "earlier_code", "a question that is 'new' has none"),
        (
            {"earlier_round": "2020"},
            "earlier_round",
            "x has no other round '2020'. To do: name one of its rounds (2024)",
        ),
        ({"question_code": "plann"}, "question_code", "round 2025 has no question plann. To do: write plan"),
        ({"earlier_code": "staff"}, "earlier_code", "question staff of round 2024 stands on line 3 already"),
    ],
)
def test_a_bad_row_is_told_with_line_and_remedy(tmp_path: Path, changed: Row, column: str, reason: str) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025")
    found = errors(tmp_path, [SAME[0], {**SAME[1], **changed}, SAME[2]])
    assert any(column in message and reason in message and "row" in message for message in found), found


def test_every_question_of_both_rounds_is_accounted_for(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025", [*QUESTIONS, question("text", "why", "Why is that so?")])
    found = errors(tmp_path, SAME[:2])
    assert [message.split(": ")[1].split(". ")[0] for message in found] == [
        "question staff of round 2025 is not accounted for",
        "question why of round 2025 is not accounted for",
        "question staff of round 2024 is not accounted for",
    ]
    assert "the verdict new if it has no partner" in found[0]
    assert "the verdict dropped if it has no partner" in found[2]


@pytest.mark.parametrize(
    ("verdict", "choice_rows", "is_refused"),
    [
        ("same", choices("plan", yes="Yes", no="No", soon="Soon"), True),
        ("reworded", choices("plan", yes="Yes", no="No", soon="Soon"), False),
        ("new scale", choices("plan", yes="Yes", no="No", soon="Soon"), False),
        ("same", choices("plan", yes="Yes, it has", no="No"), False),
    ],
)
def test_a_question_that_is_the_same_has_the_same_choices(
    tmp_path: Path, verdict: str, choice_rows: list[Row], is_refused: bool
) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025", choice_rows=choice_rows)
    found = errors(tmp_path, [SAME[0], row("plan", "plan", verdict), SAME[2]])
    assert [("choices added: soon" in message) for message in found] == ([True] if is_refused else [])


def test_answers_of_another_kind_are_never_the_same(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025", [*QUESTIONS[:2], question("text", "staff", "How many people work on it?")])
    (message,) = errors(tmp_path, [*SAME[:2], row("staff", "staff", "reworded")])
    assert "the answers differ: type was integer, is text" in message
    written(tmp_path, "2025", [*QUESTIONS[:2], question("decimal", "staff", "How many people work on it?")])
    assert errors(tmp_path) == []


def test_countries_that_are_added_are_no_other_scale(tmp_path: Path) -> None:
    asked = [QUESTIONS[0], question("select_one c", "land", "Country", role="country")]
    written(tmp_path, "2024", asked, choices("c", ES="Spain"))
    written(tmp_path, "2025", asked, choices("c", ES="Spain", PT="Portugal"))
    assert errors(tmp_path, [SAME[0], row("land", "land", "same")]) == []


REUSED = [*QUESTIONS[:2], question("integer", "staff", "What share of buildings is insulated?")]


@pytest.mark.parametrize("rows", [[*SAME[:2], row("staff", "", "new"), row("", "staff", "dropped")], SAME])
def test_a_code_reused_for_another_question_is_refused_with_both_texts(tmp_path: Path, rows: list[Row]) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025", REUSED)
    (message,) = errors(tmp_path, rows)
    assert "the code staff stands for another question in 2024" in message
    assert "'What share of buildings is insulated?' here, 'How many people work on it?' there" in message
    assert "such as staff_2025" in message


def test_a_person_may_say_that_far_texts_are_one_question(tmp_path: Path) -> None:
    written(tmp_path, "2024")
    written(tmp_path, "2025", REUSED)
    assert errors(tmp_path, [*SAME[:2], row("staff", "staff", "reworded", note="translated from Finnish")]) == []


def test_a_code_of_any_round_before_is_not_reused(tmp_path: Path) -> None:
    written(tmp_path, "2023", [*QUESTIONS, question("text", "heat", "How are homes heated in winter?")])
    written(tmp_path, "2024")
    dropped = [*SAME, row("", "heat", "dropped")]
    rows_2024 = [{**r, "earlier_round": "2023"} for r in dropped]
    (tmp_path / "rounds/x/2024/crosswalk.csv").write_text(csv_text(CROSSWALK_COLUMNS, rows_2024))
    written(tmp_path, "2025", [*QUESTIONS, question("text", "heat", "Number of tropical nights?")])
    (message,) = errors(tmp_path, [*SAME, row("heat", "", "new")])
    assert "the code heat stands for another question in 2023" in message


def test_a_proposal_is_whole_and_only_waits_for_confirmation(tmp_path: Path) -> None:
    written(tmp_path, "2024", [*QUESTIONS, question("text", "old", "What else would you like to add?")])
    asked = [
        QUESTIONS[0],
        question("select_one plan", "plan", "Is there a plan?"),
        question("integer", "people", "How many persons work on it?"),
        question("text", "fresh", "Which heat wave was the worst?"),
    ]
    folder = written(tmp_path, "2025", asked, choices("plan", yes="Yes", no="No, none", soon="Soon"))
    cards = load_rounds(tmp_path)
    books = {card.key: load_codebook(card.folder) for card in cards}
    rows = propose_crosswalk(books["x.2025"], books["x.2024"], "2024", has_own_codes=True)
    assert [(r.question_code, r.earlier_code, r.score, r.verdict, r.basis) for r in rows] == [
        ("id", "id", 100, "same", "same code"),
        ("plan", "plan", 100, "new scale", "same code"),
        ("people", "staff", 86, "reworded", "near text"),
        ("fresh", "", None, "new", ""),
        ("", "old", None, "dropped", ""),
    ]
    assert rows[1].note == "choices added: soon; choices relabelled: no ('No', now 'No, none')"
    path = folder / "crosswalk.csv"
    path.write_text(crosswalk_text(rows))
    assert [replace(r, line=0) for r in load_crosswalk(path).rows] == list(rows)
    assert round_problems(cards[1], cards, books, are_confirmed=False) == []
    assert len(round_problems(cards[1], cards, books)) == len(rows)


def test_the_crosswalk_stops_the_loading_of_the_seeds(tmp_path: Path) -> None:
    from orchestration.knowledge.load import load_knowledge

    shutil.copytree(MINI_SEEDS, tmp_path, ignore=shutil.ignore_patterns("rounds"), dirs_exist_ok=True)
    written(tmp_path, "2024")
    assert [card.round for card in load_knowledge(tmp_path).rounds] == ["2024"]
    written(tmp_path, "2025")
    with pytest.raises(CrosswalkError, match="needs round new"):
        load_knowledge(tmp_path)
