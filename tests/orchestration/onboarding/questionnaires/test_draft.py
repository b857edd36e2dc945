"""What all importers share: codes, lists, bounds, and a codebook that always loads."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.onboarding.questionnaires.draft import Asked, Condition, Draft, Option, expressed_constraint
from orchestration.onboarding.questionnaires.imported import Kind
from orchestration.rounds.codebook import SELECT_TYPES
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXTS = st.dictionaries(st.sampled_from(["", "en", "fr"]), WORDS, max_size=3)
OPTIONS = st.lists(st.builds(Option, WORDS, TEXTS), max_size=4)
ASKED = st.builds(
    Asked,
    st.sampled_from(["select_one", "select_multiple", "integer", "decimal", "text", "date"]),
    WORDS,
    WORDS,
    TEXTS,
    OPTIONS,
    WORDS,
    hint=WORDS,
    condition=st.none() | st.builds(Condition, WORDS, WORDS, WORDS),
    constraint=WORDS | st.sampled_from([". >= 5 and . <= 1", ". > 0", ".>=1 and .<=2", ". < 3 and . <= 2"]),
    section=WORDS,
    matrix=TEXTS,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=5))
def test_whatever_a_questionnaire_says_its_codebook_loads_with_every_question(questions: list[Asked]) -> None:
    draft = Draft("en", ("en", "fr"))
    for asked in questions:
        draft.ask(asked)
    with TemporaryDirectory() as folder:
        codebook = loaded(draft.finished(), Path(folder))
    assert len(codebook.questions) == len(questions)
    for asked, question in zip(questions, codebook.questions, strict=True):
        if asked.type in SELECT_TYPES and asked.choices:
            assert len(codebook.choices_of(question)) == len(asked.choices)


@pytest.mark.parametrize(
    ("text", "base_type", "expressed"),
    [
        (". >= 0 and . <= 100", "integer", ". >= 0 and . <= 100"),
        (".>=0.5", "decimal", ". >= 0.5"),
        (". > 0 AND . < 1.5", "integer", ". >= 1 and . <= 1"),
        (". > 0", "decimal", ""),
        (". >= 5 and . <= 1", "integer", ""),
        (". >= 1 and . >= 2", "integer", ""),
        (". >= 1 or . <= 2", "integer", ""),
        (". >= 0", "text", ""),
    ],
)
def test_bounds_are_expressed_or_refused(text: str, base_type: str, expressed: str) -> None:
    assert expressed_constraint(text, base_type) == expressed


def test_a_second_question_of_a_code_gets_a_code_of_its_own_and_that_is_told(tmp_path: Path) -> None:
    draft = Draft()
    for label in ("First", "Second"):
        draft.ask(Asked("text", "Q", "Q", {"": label}))
    imported = draft.finished()
    assert [question.name for question in loaded(imported, tmp_path).questions] == ["Q", "Q_2"]
    assert notes(imported, Kind.CHANGED) == {"Q_2": "the code Q is taken by another question"}


def test_choices_with_the_same_label_are_told_apart_by_their_code(tmp_path: Path) -> None:
    draft = Draft()
    draft.ask(Asked("select_one", "q", "q", {"": "Q"}, (Option("a", {"": "Other"}), Option("b", {"": "Other"}))))
    imported = draft.finished()
    assert [choice.label for choice in loaded(imported, tmp_path).choices["q"]] == ["Other", "Other [b]"]
    assert notes(imported, Kind.CHANGED) == {"list q": "the label 'Other' stands twice: the second is Other [b]"}


def test_a_select_question_without_choices_is_a_text_question_and_told(tmp_path: Path) -> None:
    draft = Draft()
    draft.ask(Asked("select_one", "q", "q", {"": "Q"}))
    imported = draft.finished()
    assert loaded(imported, tmp_path).questions[0].base_type == "text"
    assert notes(imported, Kind.LOOK) == {"q": "a select_one question without choices: it is a text question here"}


def test_roles_are_suggested_never_given(tmp_path: Path) -> None:
    draft = Draft()
    for code, label in (("town", "Name of your city"), ("land", "In which country?"), ("town2", "Twin city")):
        draft.ask(Asked("text", code, code, {"": label}))
    imported = draft.finished()
    assert [question.roles for question in loaded(imported, tmp_path).questions] == [(), (), ()]
    assert notes(imported, Kind.LOOK) == {
        "town": "may have the role city_name: 'Name of your city'",
        "land": "may have the role country: 'In which country?'",
    }


@pytest.mark.parametrize("label", ["Votre téléphone", "E-Mail", "First and last name", "Name of the contact person"])
def test_free_texts_that_ask_for_a_person_are_personal(label: str) -> None:
    draft = Draft()
    draft.ask(Asked("text", "q", "q", {"": label}))
    draft.ask(Asked("select_one", "r", "r", {"": label}, (Option("1", {"": "Yes"}),)))
    assert [question.is_personal for question in draft.finished().questions] == [True, False]
