"""XLSForm workbooks as codebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.rounds.codebook import Constraint, Relevant
from tests.orchestration.onboarding.questionnaires.forms import Rows, loaded, notes, write_workbook

HEADER = (
    "type", "name", "label::English (en)", "label::Français (fr)", "hint::English (en)", "required", "relevant",
    "constraint", "appearance", "parameters",
)  # fmt: skip
CHOICES: Rows = (
    ("list_name", "name", "label::English (en)", "label::Français (fr)"),
    ("yes_no", "yes", "Yes", "Oui"),
    ("yes_no", "no", "No", "Non"),
    ("", "", "", ""),
    ("mode", "bus", "Bus & tram", "Bus et tram"),
    ("mode", "bike", "Bike", "Vélo"),
)
SURVEY: Rows = (
    HEADER,
    ("start", "start", "", ""),
    ("deviceid", "device", "", ""),
    ("note", "intro", "Welcome", "Bienvenue"),
    ("begin_group", "profile", "Profile", "Profil"),
    ("text", "mail", "Your e-mail", "Votre courriel"),
    ("integer", "people", "<b>Inhabitants</b>", "Habitants", "As of 1 January", "yes", "", ". > 0 and . < 100"),
    ("end_group", "", "", ""),
    ("begin group", "plans", "Plans", "Projets", "", "", "${plan} = 'yes'"),
    ("select_one yes_no", "adopted", "Adopted?", "Adopté ?"),
    ("end group", "", "", ""),
    ("select_one yes_no", "plan", "Has a plan?", "Un plan ?", "", "true"),
    ("select_multiple mode or_other", "modes", "Modes", "Modes", "", "", "selected(${plan}, 'no')"),
    ("decimal", "share", "Share", "Part", "", "", "${modes} = 'bus'", "regex(., '^[0-9]+$')"),
    ("range", "score", "Score", "Note", "", "", "${plan} = 'yes' and ${people} > 3", "", "", "start=0 end=10 step=1"),
    ("dateTime", "when", "When?", "Quand ?"),
    ("image", "photo", "Photo", "Photo"),
    ("calculate", "twice", "", ""),
)


def form(tmp_path: Path, survey: Rows = SURVEY, language: str = "", choices: Rows = CHOICES) -> ImportedCodebook:
    sheets = {
        "survey": survey,
        "choices": choices,
        "settings": (("form_title", "default_language"), ("T", "English (en)")),
    }
    return import_codebook(write_workbook(tmp_path / "form.xlsx", sheets), language=language)


def test_each_type_becomes_the_codebooks_type_and_the_codebook_loads(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path), tmp_path / "round")
    assert [(question.name, question.base_type, question.list_name) for question in codebook.questions] == [
        ("start", "date", None),
        ("device", "text", None),
        ("mail", "text", None),
        ("people", "integer", None),
        ("adopted", "select_one", "yes_no"),
        ("plan", "select_one", "yes_no"),
        ("modes", "select_multiple", "mode_or_other"),
        ("modes_other", "text", None),
        ("share", "decimal", None),
        ("score", "integer", None),
        ("when", "date", None),
    ]


def test_groups_are_sections_and_the_path_is_the_source(tmp_path: Path) -> None:
    people = loaded(form(tmp_path), tmp_path / "round").by_name["people"]
    assert (people.section, people.source, people.label) == ("Profile", "profile/people", "Inhabitants")
    assert (people.is_required, people.hint) == (True, "As of 1 January")


def test_strict_bounds_of_whole_numbers_become_bounds_that_a_codebook_has(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path), tmp_path / "round")
    assert codebook.by_name["people"].constraint == Constraint(1, 99)
    assert codebook.by_name["score"].constraint == Constraint(0, 10)


def test_a_condition_on_one_choice_is_kept_that_of_a_group_too(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path), tmp_path / "round")
    assert codebook.by_name["adopted"].relevant == Relevant("plan", "yes")
    assert codebook.by_name["modes"].relevant == Relevant("plan", "no")


def test_what_cannot_be_expressed_is_noted_with_its_text(tmp_path: Path) -> None:
    imported = form(tmp_path)
    assert [(note.subject, note.text) for note in imported.notes if "cannot be expressed" in note.text] == [
        ("share", "its constraint cannot be expressed: regex(., '^[0-9]+$')"),
        ("score", "its condition cannot be expressed: ${plan} = 'yes' and ${people} > 3"),
        ("share", "its condition cannot be expressed (modes is a select_multiple question): ${modes} = 'bus'"),
    ]


def test_notes_groups_calculations_and_uploads_are_left_out_by_name(tmp_path: Path) -> None:
    left_out = notes(form(tmp_path), Kind.LEFT_OUT)
    assert left_out["intro"] == "a note, which nobody answers"
    assert left_out["profile"] == "a group: it is the section of its questions"
    assert left_out["photo"] == "an upload"
    assert left_out["twice"] == "a calculated field, which nobody answers"


def test_further_languages_go_to_columns_of_their_own(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path), tmp_path / "round")
    assert codebook.by_name["plan"].labels == {"fr": "Un plan ?"}
    assert [choice.labels for choice in codebook.choices["yes_no"]] == [{"fr": "Oui"}, {"fr": "Non"}]


def test_the_language_of_the_labels_can_be_chosen(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path, language="fr"), tmp_path / "round")
    assert (codebook.by_name["plan"].label, codebook.by_name["plan"].labels) == ("Un plan ?", {"en": "Has a plan?"})


def test_a_language_that_the_form_does_not_have_is_refused_with_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(CodebookImportError, match=r"no texts in 'de'. To do: choose one of en, fr"):
        form(tmp_path, language="de")


def test_or_other_adds_a_choice_and_a_text_question(tmp_path: Path) -> None:
    codebook = loaded(form(tmp_path), tmp_path / "round")
    assert [choice.name for choice in codebook.choices["mode_or_other"]] == ["bus", "bike", "other"]
    assert codebook.by_name["modes_other"].source == "modes_other"


def test_what_tells_the_respondent_or_the_device_is_personal(tmp_path: Path) -> None:
    imported = form(tmp_path)
    assert [question.name for question in imported.questions if question.is_personal] == ["device", "mail"]
    assert notes(imported, Kind.LOOK)["mail"] == "marked personal: its text says 'e-mail'"


def test_a_grid_is_a_matrix_with_the_groups_title(tmp_path: Path) -> None:
    survey = (
        HEADER,
        ("begin_group", "grid", "How often?", "Combien ?", "", "", "", "", "table-list"),
        ("select_one yes_no", "a", "By bus", "En bus"),
        ("end_group", "", "", ""),
    )
    question = loaded(form(tmp_path, survey), tmp_path / "round").by_name["a"]
    assert (question.header, question.translated_headers) == ("How often?: By bus", ("Combien ?: En bus",))


def test_a_repeat_a_missing_list_and_an_unknown_type_are_refused_at_once(tmp_path: Path) -> None:
    survey = (
        HEADER,
        ("begin_repeat", "project", "Project", ""),
        ("end_repeat", "", "", ""),
        ("select_one yesno", "x", "X", ""),
        ("integr", "y", "Y", ""),
    )
    with pytest.raises(CodebookImportError) as caught:
        form(tmp_path, survey)
    assert [(problem.sheet, problem.row, problem.reason) for problem in caught.value.problems] == [
        ("survey", 2, "the repeat 'project' has several answers a response"),
        ("survey", 4, "the choice list 'yesno' has no choices"),
        ("survey", 5, "unknown type 'integr'"),
    ]
    assert caught.value.problems[2].remedy == "write integer"


def test_codes_that_no_codebook_can_have_are_made_valid_and_stay_as_source(tmp_path: Path) -> None:
    survey = (HEADER, ("text", "1.name-ü", "A", ""), ("text", "1 name u", "B", ""))
    questions = loaded(form(tmp_path, survey), tmp_path / "round").questions
    assert [(question.name, question.source) for question in questions] == [
        ("q1_name_u", "1.name-ü"),
        ("q1_name_u_2", "1 name u"),
    ]
