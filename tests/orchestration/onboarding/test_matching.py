"""Which question of an earlier round is which question of a new one."""

import pytest

from orchestration.onboarding.matching import Asked, Pair, match_questions


def pairs(new: list[tuple[str, str]], earlier: list[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """Pairs of questions, given as code and text, with their basis."""
    found = match_questions([Asked(*question) for question in new], [Asked(*question) for question in earlier])
    return [(pair.new, pair.earlier, pair.basis) for pair in found]


def test_the_same_text_is_found_whatever_its_spaces_and_case() -> None:
    new = [("", "\u200bLand\u00a0area (km²)"), ("", "Is there a PLAN?")]
    assert pairs(new, [("plan", "Is there a plan?"), ("area", "Land area (km2)")]) == [
        (0, 1, "same text"),
        (1, 0, "same text"),
    ]


def test_a_reworded_question_is_found_with_its_score() -> None:
    new = [Asked("", "Does your city have a plan for climate adaptation?")]
    earlier = [Asked("plan", "Has your city a climate adaptation plan?"), Asked("staff", "How many people work on it?")]
    assert match_questions(new, earlier) == (Pair(0, 0, 86, "near text"),)


@pytest.mark.parametrize(
    ("text", "other", "is_found"),
    [
        ("Total scope 1 emissions (tonnes)", "Total scope 2 emissions (tonnes)", False),
        ("Emissions reported in 2018 (tonnes)", "Emissions reported in 2019 (tonnes)", True),
        ("City", "City Location", False),
    ],
)
def test_numbers_tell_questions_apart_years_do_not(text: str, other: str, is_found: bool) -> None:
    assert bool(pairs([("", text)], [("x", other)])) is is_found


def test_the_same_code_counts_where_the_texts_are_not_far() -> None:
    earlier = [("plan", "Does your city have a plan?")]
    assert pairs([("plan", "Does your municipality have any plan yet?")], earlier) == [(0, 0, "same code")]
    assert pairs([("plan", "How many inhabitants are there?")], earlier) == []


def test_the_surest_pair_comes_first_and_each_question_has_one_partner() -> None:
    new = [("a", "Is there a climate plan in force?"), ("b", "Is there a climate plan?")]
    earlier = [("a", "Is there a climate plan?"), ("c", "Is there any climate plan in force?")]
    assert pairs(new, earlier) == [(0, 1, "near text"), (1, 0, "same text")]


def test_repeated_texts_are_paired_in_order() -> None:
    assert pairs([("", "Other"), ("", "Other")], [("x", "Other"), ("y", "Other")]) == [
        (0, 0, "same text"),
        (1, 1, "same text"),
    ]
