"""Imported codebooks against the header of a delivered file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.columns import fit_to_columns, read_header
from orchestration.onboarding.questionnaires.imported import ImportedChoice, ImportedCodebook, ImportedQuestion, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.settings import PROJECT_ROOT
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes, write_workbook

REAL = PROJECT_ROOT.parent / "shared" / "real" / "rse_2017_us"


def codebook(*questions: ImportedQuestion) -> ImportedCodebook:
    choices = (ImportedChoice("mode", "bus", "Bus", "1"), ImportedChoice("mode", "bike", "Bike", "2"))
    return ImportedCodebook(questions, choices, ())


def asked(code: str, label: str, kind: str = "text", **more: str) -> ImportedQuestion:
    return replace(ImportedQuestion(kind, code, label, code), **more)


def sources(found: ImportedCodebook) -> dict[str, str]:
    return {question.name: question.source for question in found.questions}


def test_a_row_of_an_unnamed_array_is_known_by_its_code_and_text() -> None:
    found = fit_to_columns(codebook(asked("time1", "How long?")), ["likert0[time1]. [How long?]"], "f.csv")
    assert sources(found) == {"time1": "likert0[time1]"}


def test_an_array_of_one_row_without_text_is_known_by_its_code_and_text() -> None:
    found = fit_to_columns(codebook(asked("rse3", "Who uses it?")), ["rse3[SQ001]. Who uses it? []"], "f.csv")
    assert sources(found) == {"rse3": "rse3[SQ001]"}


def test_a_code_with_another_text_is_not_taken_for_the_question() -> None:
    found = fit_to_columns(codebook(asked("rse3", "Who uses it?")), ["rse3[SQ001]. Who pays? []"], "f.csv")
    assert sources(found) == {}
    assert notes(found, Kind.LOOK)["f.csv"].startswith("column 1 ('rse3[SQ001]. Who pays? []') has no question")


def test_a_whole_code_with_another_text_is_told() -> None:
    found = fit_to_columns(codebook(asked("q", "Who uses it?")), ["q. Who pays?"], "f.csv")
    assert notes(found, Kind.LOOK) == {"q": "the column q says 'Who pays?', the codebook 'Who uses it?'"}


def test_the_columns_of_a_multiple_choice_are_its_choices() -> None:
    question = asked("modes", "Modes", "select_multiple mode")
    found = fit_to_columns(
        codebook(question), ["modes[1]. Modes [Bus]", "modes[2]. Modes [Bike]", "modes[3]. Modes [Feet]"], "f.csv"
    )
    assert sources(found) == {"modes": "modes"}
    assert [note.text for note in found.notes] == [
        "column 3 ('modes[3]. Modes [Feet]') has no question: add one, or delete the column"
    ]


def test_a_question_without_a_column_is_left_out_with_the_conditions_that_name_it() -> None:
    questions = asked("a", "A?", "select_one mode"), asked("b", "B?", relevant="${a} = 'bus'")
    found = fit_to_columns(codebook(*questions), ["b. B?"], "f.csv")
    assert (sources(found), found.questions[0].relevant, found.choices) == ({"b": "b"}, "", ())
    assert [(note.kind, note.subject, note.text) for note in found.notes] == [
        (Kind.LEFT_OUT, "a", "no column of f.csv holds its answers"),
        (Kind.LEFT_OUT, "b", "its condition names a, which has no column"),
    ]


def test_headers_without_codes_are_known_by_their_text() -> None:
    assert sources(fit_to_columns(codebook(asked("q7", "How  long?")), ["How long?"], "f.csv")) == {"q7": "q7"}


def test_the_header_is_that_of_a_csv_or_of_a_first_sheet(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"q1. One, or two?",q2\n1,2\n1,2,3\n', encoding="utf-8")
    assert read_header(tmp_path / "a.csv") == ["q1. One, or two?", "q2"]
    (tmp_path / "b.csv").write_text('"q1. One, two, or three?";"q2"\n1;2\n', encoding="utf-16")
    assert read_header(tmp_path / "b.csv") == ["q1. One, two, or three?", "q2"]
    assert read_header(write_workbook(tmp_path / "a.xlsx", {"S": (("q1", "q2"), (1, 2))})) == ["q1", "q2"]


@pytest.mark.skipif(not REAL.exists(), reason="the real survey is not here")
def test_every_column_of_a_real_file_has_a_question_but_its_row_number(tmp_path: Path) -> None:
    header = read_header(REAL / "data" / "public_data.csv")
    found = fit_to_columns(import_codebook(REAL / "codebook" / "questions.csv"), header, "public_data.csv")
    unknown = [note.text for note in found.notes if note.subject == "public_data.csv"]
    assert len(header) == 242
    assert unknown == ["column 1 has no header: the ids of responses, as LimeSurvey's reader takes it"]
    by_name = loaded(found, tmp_path / "round").by_name
    assert len(by_name) == 86
    assert (by_name["time1can"].source, by_name["rse3"].source) == ("likert0[time1can]", "rse3[SQ001]")


def test_columns_that_a_platform_of_xlsform_adds_become_questions_and_repeated_ticks_do_not() -> None:
    question = asked("modes", "Modes", "select_multiple mode")
    headers = ["modes", "modes/bus", "modes/bike", "_id", "_uuid", "_submission_time", "_submitted_by"]
    found = fit_to_columns(codebook(question), headers, "f.csv")
    assert [(q.name, q.base_type, q.role, q.is_personal) for q in found.questions] == [
        ("modes", "select_multiple", "", False),
        ("_id", "text", "response_id", False),
        ("_uuid", "text", "", False),
        ("_submission_time", "text", "submitted_at", False),
        ("_submitted_by", "text", "", True),
    ]
    assert found.notes == ()


@pytest.mark.parametrize("headers", [["q", "_id"], ["q", "KEY"], ["_id", "id"]])
def test_one_such_name_alone_makes_no_platform(headers: list[str]) -> None:
    found = fit_to_columns(codebook(asked("q", "Q"), asked("id", "Id", role="response_id")), headers, "f.csv")
    assert not {"_id", "KEY"} & {question.name for question in found.questions}


@pytest.mark.parametrize("has_id", [True, False])
def test_a_first_column_without_header_is_the_id_unless_there_is_one(has_id: bool) -> None:
    questions = [asked("q", "Q"), *([asked("id", "Id", role="response_id")] if has_id else [])]
    found = fit_to_columns(codebook(*questions), ["", "q", *(["id"] if has_id else [])], "f.csv")
    (note,) = found.notes
    assert note.kind == (Kind.LOOK if has_id else Kind.CHANGED)
    assert note.text.startswith("column 1 ('') has no question" if has_id else "column 1 has no header: the ids")
