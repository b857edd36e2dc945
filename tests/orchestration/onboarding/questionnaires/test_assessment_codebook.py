"""Self-assessments as codebooks, and what their answers count."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.onboarding.questionnaires.rules import Branch, Term, nested, parse_rule
from orchestration.settings import PROJECT_ROOT
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes

SAMPLES = PROJECT_ROOT / "tests" / "samples" / "ademe"
SHEET = """id,name,points,percent,not applicable if,factor
1,Plan,10,,,
1.1,Adopted,,60,,"if answer(duty, YES) then 1/2"
1.2,Followed,,,"identity(size, small)",
1.2.1,By staff,,,,
1.2.2,By council,,,"answer(duty, NO) and identity(size, large)",
1.2.3,By law,,0,,
2,Money,2.5,,,
"""
CHOICES = "name,label,points\nyes,Yes,1\npartly,Partly,0.5\nno,No,0\nna,Not for us,\n"


def assessment(folder: Path, text: str = SHEET, choices: str | None = CHOICES) -> ImportedCodebook:
    (folder / "tool.csv").write_text(text, encoding="utf-8")
    if choices is not None:
        (folder / "choices.csv").write_text(choices, encoding="utf-8")
    return import_codebook(folder / "tool.csv")


def test_points_go_down_to_the_questions(tmp_path: Path) -> None:
    imported = assessment(tmp_path)
    assert imported.scoring is not None
    assert [(q.number, q.sections, q.points) for q in imported.scoring.questions] == [
        ("1.1", ("1",), Fraction(6)),
        ("1.2.1", ("1", "1.2"), Fraction(2)),
        ("1.2.2", ("1", "1.2"), Fraction(2)),
        ("2", (), Fraction(5, 2)),
    ]
    assert imported.scoring.shares == {"yes": 1, "partly": Fraction(1, 2), "no": 0, "na": None}


def test_rules_of_a_section_are_those_of_its_questions_and_what_they_name_is_asked(tmp_path: Path) -> None:
    imported = assessment(tmp_path)
    assert imported.scoring is not None
    small = Term("identity_size", "small", "select_multiple")
    large = Term("identity_size", "large", "select_multiple")
    duty, free = Term("duty", "YES", "select_one"), Term("duty", "NO", "select_one")
    assert [question.branches for question in imported.scoring.questions] == [
        (Branch(frozenset({duty}), Fraction(1, 2)),),
        (Branch(frozenset({small}), Fraction(0)),),
        (Branch(frozenset({small}), Fraction(0)), Branch(frozenset({free, large}), Fraction(0))),
        (),
    ]
    codebook = loaded(imported, tmp_path / "round")
    asked = {question.name: question for question in codebook.questions}
    assert list(asked) == ["duty", "identity_size", "q1_1", "q1_2_1", "q1_2_2", "q1_2_3", "q2"]
    assert [choice.name for choice in codebook.choices_of(asked["duty"])] == ["NO", "YES"]
    assert [choice.name for choice in codebook.choices_of(asked["q2"])] == ["yes", "partly", "no", "na"]
    assert "q1_2_3" not in {question.name for question in imported.scoring.questions}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("identite(population, moins_de_50000)", [("identite_population=moins_de_50000", "0")]),
        ("si reponse(a, NON) ou reponse(b, OUI) alors VRAI", [("a=NON", "0"), ("b=OUI", "0")]),
        ("si identite(type, syndicat) alors FAUX sinon VRAI", [("identite_type=syndicat", "1"), ("", "0")]),
    ],
)  # fmt: skip
def test_a_rule_switches_off(rule: str, expected: list[tuple[str, str]]) -> None:
    assert shown(parse_rule(rule, switches_off=True)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("si identite(type, EPCI) et reponse (b, b_1)\nalors 5/4 sinon si reponse(b, b_2) alors 0.4/0.3",
         [("b=b_1 identite_type=EPCI", "5/4"), ("b=b_2", "4/3")]),
        ("if answer(a, YES) then 3 else 0.5", [("a=YES", "3"), ("", "1/2")]),
    ],
)  # fmt: skip
def test_a_rule_has_a_factor(rule: str, expected: list[tuple[str, str]]) -> None:
    assert shown(parse_rule(rule)) == expected


@pytest.mark.parametrize(
    "rule",
    ["max(reponse(a), 0.5)", "si reponse(a) alors 1", "si reponse(a, b) alors", "si reponse(a, b) alors 1/0", "VRAI",
     "si reponse(a, b) 1", "reponse(a, b)", "si reponse(a, b) alors 1 ; 2", "si reponse(a, b) alors 1 et 2"],
)  # fmt: skip
def test_what_cannot_be_expressed_is_refused(rule: str) -> None:
    with pytest.raises(ValueError):
        parse_rule(rule)


def shown(branches: tuple[Branch, ...]) -> list[tuple[str, str]]:
    return [
        (" ".join(sorted(f"{term.question}={term.choice}" for term in branch.terms)), str(branch.factor))
        for branch in branches
    ]


def test_nested_rules_multiply_whatever_a_city_is() -> None:
    """Against each rule applied by itself, for every city that three questions tell apart."""
    a, b, c = (Term(name, "x", "select_one") for name in "abc")
    outer = (Branch(frozenset({a, b}), Fraction(0)), Branch(frozenset({b}), Fraction(1, 2)))
    inner = (Branch(frozenset({c}), Fraction(3)), Branch(frozenset({a}), Fraction(5)), Branch(frozenset(), Fraction(7)))
    both = nested([outer, inner])
    for number in range(8):
        city = frozenset(term for place, term in enumerate((a, b, c)) if number >> place & 1)
        assert factor_of(city, both) == factor_of(city, outer) * factor_of(city, inner)


def factor_of(city: frozenset[Term], branches: tuple[Branch, ...]) -> Fraction:
    return next((branch.factor for branch in branches if branch.terms <= city), Fraction(1))


@pytest.mark.parametrize(
    ("row", "by", "reason"),
    [
        ("1.1,Adopted,,60", "1.1,Adopted,12,", "its parts have 12 points together, it has 10"),
        ("2,Money,2.5,", "2,Money,,", "nothing tells how many points 2 has"),
        ("2,Money,2.5,", "2,Money,many,", "'many' is no number of points or percent"),
        ("1.2,Followed", "1.3,Followed", "there is no part 1.2 for 1.2.1 to be in"),
        ("2,Money", "1.1,Money", "the identifier '1.1' is empty or stands twice"),
    ],
)
def test_a_questionnaire_that_does_not_add_up_is_refused_with_its_row(
    tmp_path: Path, row: str, by: str, reason: str
) -> None:
    with pytest.raises(CodebookImportError) as error:
        assessment(tmp_path, SHEET.replace(row, by, 1))
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        (None, "does not say which answers it takes"),
        ("name,label,points\nyes,Yes,2\n", "points from 0 to 1"),
        ("name,label,points\n", "it has no answer"),
    ],
)
def test_answers_have_to_be_told(tmp_path: Path, choices: str | None, reason: str) -> None:
    with pytest.raises(CodebookImportError, match=reason):
        assessment(tmp_path, choices=choices)


def test_a_rule_that_cannot_be_expressed_is_told(tmp_path: Path) -> None:
    imported = assessment(tmp_path, SHEET.replace("2,Money,2.5,,,", '2,Money,2.5,,,"max(answer(x), 1)"'))
    assert "max(answer(x), 1)" in notes(imported, Kind.LEFT_OUT)["2"]


@pytest.mark.parametrize(("name", "questions", "unread"), [("eci", 267, 0), ("cae", 1109, 15)])
def test_the_real_ones_have_500_points(name: str, questions: int, unread: int) -> None:
    imported = import_codebook(SAMPLES / f"referentiel-{name}-structure.csv", language="fr")
    assert imported.scoring is not None
    assert len(imported.scoring.questions) == questions
    assert sum(question.points for question in imported.scoring.questions) == 500
    assert len(notes(imported, Kind.LEFT_OUT)) == unread
