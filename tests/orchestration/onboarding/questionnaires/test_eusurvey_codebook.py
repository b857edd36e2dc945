"""EUSurvey's XML export of results as codebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.rounds.codebook import Relevant
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes

ENGLISH = """\
<Elements lang="EN">
<Section id="s1" type="Section">City profile</Section>
<Text id="t1" type="Text">Please &lt;b&gt;read&lt;/b&gt; this</Text>
<Question id="q-mail" type="E-mail">Where can we reach you?</Question>
<Question id="q-plan" type="Single Choice">&lt;p&gt;Do you have a plan?&lt;/p&gt;</Question>
<Answer id="a-yes" type="Choice Answer" dependentElements="q-year;m1">Yes, we do</Answer>
<Answer id="a-no" type="Choice Answer" dependentElements="q-why">No</Answer>
<Answer id="a-maybe" type="Choice Answer" dependentElements="q-why">Not yet</Answer>
<Question id="q-year" type="Number">Since when?</Question>
<Question id="q-why" type="Free Text">Why not?</Question>
<Question id="q-modes" type="Multiple Choice">Modes</Question>
<Answer id="a-bus" type="Choice Answer">Bus; tram</Answer>
<Answer id="a-bike" type="Choice Answer">Bike</Answer>
<MatrixTitle id="m1" type="Matrix">How hard is it?</MatrixTitle>
<MatrixQuestion id="m1r1" type="Single Choice Matrix Question">Finance</MatrixQuestion>
<MatrixQuestion id="m1r2" type="Single Choice Matrix Question">Skills</MatrixQuestion>
<MatrixAnswer id="m1a1" type="Matrix Answer">Easy</MatrixAnswer>
<MatrixAnswer id="m1a2" type="Matrix Answer">Hard</MatrixAnswer>
<MatrixCell qid="m1r1" aid="m1a1"></MatrixCell>
<MatrixCell qid="m1r1" aid="m1a2" dependentElements="q-fund"></MatrixCell>
<MatrixCell qid="m1r2" aid="m1a1"></MatrixCell>
<MatrixCell qid="m1r2" aid="m1a2"></MatrixCell>
<Question id="q-fund" type="Free Text">Which funds?</Question>
<Question id="q-rate" type="Rating">Rate us</Question>
<RatingQuestion id="q-rate1" type="Rating">Rate us: Speed</RatingQuestion>
<TableTitle id="tab" type="Table">Budget</TableTitle>
<TableQuestion id="tr1" type="Table Question">2024</TableQuestion>
<TableAnswer id="tc1" type="Table Answer">Euro</TableAnswer>
<ComplexTableTitle id="ct" type="Complex Table">Staff</ComplexTableTitle>
<Cell id="c1" type="StaticText" row="0" column="1"><CellTitle>People</CellTitle><ResultText>People</ResultText></Cell>
<Cell id="c2" type="Number" row="1" column="1"><CellTitle></CellTitle><ResultText>Planners: People</ResultText></Cell>
<Cell id="c3" type="SingleChoice" row="2" column="1"><CellTitle></CellTitle><ResultText>Trend: People</ResultText>
<Answer id="c3a1" type="Choice Answer">Up</Answer><Answer id="c3a2" type="Choice Answer">Down</Answer></Cell>
<Cell id="c4" type="Formula" row="3" column="1"><CellTitle></CellTitle><ResultText>Total: People</ResultText></Cell>
<Question id="q-file" type="File Upload">Your plan</Question>
</Elements>
"""
GERMAN = """\
<Elements lang="DE">
<Section id="s1" type="Section">Stadt</Section>
<Question id="q-plan" type="Single Choice">Gibt es einen Plan?</Question>
<Answer id="a-yes" type="Choice Answer">Ja</Answer>
<Answer id="a-no" type="Choice Answer">Nein</Answer>
<MatrixTitle id="m1" type="Matrix">Wie schwer ist es?</MatrixTitle>
<MatrixQuestion id="m1r1" type="Single Choice Matrix Question">Geld</MatrixQuestion>
</Elements>
"""
ANSWERS = """\
<Answers><AnswerSet id="c1" create="2025-01-02_10-00-00" list="1" lang="EN" user="mayor@example.org" userlogin="mayor">
<Answer aid="a-yes" qid="q-plan"></Answer></AnswerSet></Answers>
"""


def export(
    tmp_path: Path, language: str = "", forms: str = ENGLISH + GERMAN, answers: str = ANSWERS
) -> ImportedCodebook:
    path = tmp_path / "results.xml"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Results create="2025-02-01_09-00-00"><Survey id="1" uid="u" alias="needs">{forms}</Survey>{answers}</Results>"""
    path.write_text(text, encoding="utf-8")
    return import_codebook(path, language=language)


def test_questions_have_their_types_and_their_ids_as_source(tmp_path: Path) -> None:
    codebook = loaded(export(tmp_path), tmp_path / "round")
    assert [(q.source, q.base_type, q.name) for q in codebook.questions] == [
        ("q-mail", "text", "where_can_we_reach_you"),
        ("q-plan", "select_one", "do_you_have_a_plan"),
        ("q-year", "decimal", "since_when"),
        ("q-why", "text", "why_not"),
        ("q-modes", "select_multiple", "modes"),
        ("m1r1", "select_one", "finance"),
        ("m1r2", "select_one", "skills"),
        ("q-fund", "text", "which_funds"),
        ("q-rate1", "integer", "speed"),
        ("tr1[tc1]", "text", "q2024_euro"),
        ("c2", "decimal", "planners_people"),
        ("c3", "select_one", "trend_people"),
    ]


def test_answer_ids_are_the_source_of_choices_and_labels_are_plain(tmp_path: Path) -> None:
    codebook = loaded(export(tmp_path), tmp_path / "round")
    plan = codebook.by_name["do_you_have_a_plan"]
    assert (plan.label, plan.section) == ("Do you have a plan?", "City profile")
    assert [(c.name, c.label, c.source) for c in codebook.choices_of(plan)] == [
        ("yes_we_do", "Yes, we do", "a-yes"),
        ("no", "No", "a-no"),
        ("not_yet", "Not yet", "a-maybe"),
    ]


def test_rows_of_a_matrix_share_its_title_and_its_choices(tmp_path: Path) -> None:
    codebook = loaded(export(tmp_path), tmp_path / "round")
    finance, skills = codebook.by_name["finance"], codebook.by_name["skills"]
    assert (finance.header, finance.list_name) == ("How hard is it?: Finance", skills.list_name)
    assert [choice.source for choice in codebook.choices_of(finance)] == ["m1a1", "m1a2"]


def test_every_language_of_the_form_is_in_the_codebook(tmp_path: Path) -> None:
    codebook = loaded(export(tmp_path), tmp_path / "round")
    assert codebook.by_name["finance"].translated_headers == ("Wie schwer ist es?: Geld",)
    plan = codebook.by_name["do_you_have_a_plan"]
    assert [choice.labels for choice in codebook.choices_of(plan)] == [{"de": "Ja"}, {"de": "Nein"}, {}]


def test_a_text_that_a_chosen_language_lacks_is_taken_from_another_and_told(tmp_path: Path) -> None:
    imported = export(tmp_path, language="de")
    by_source = {question.source: question for question in imported.questions}
    assert (by_source["q-plan"].label, by_source["q-why"].label) == ("Gibt es einen Plan?", "Why not?")
    assert notes(imported, Kind.CHANGED)["why_not"] == "it has no text in de: en is taken"


def test_what_one_choice_shows_is_a_condition_what_several_show_is_noted(tmp_path: Path) -> None:
    imported = export(tmp_path)
    codebook = loaded(imported, tmp_path / "round")
    assert codebook.by_name["since_when"].relevant == Relevant("do_you_have_a_plan", "yes_we_do")
    assert codebook.by_name["skills"].relevant == Relevant("do_you_have_a_plan", "yes_we_do")
    assert codebook.by_name["which_funds"].relevant == Relevant("finance", "hard")
    assert codebook.by_name["why_not"].relevant is None
    assert notes(imported, Kind.LEFT_OUT)["Why not?"] == (
        "its condition cannot be expressed: 'Do you have a plan?' = 'No' or 'Do you have a plan?' = 'Not yet'"
    )


def test_an_e_mail_question_is_personal(tmp_path: Path) -> None:
    assert [question.source for question in export(tmp_path).questions if question.is_personal] == ["q-mail"]


def test_texts_uploads_and_formulas_are_left_out_by_name(tmp_path: Path) -> None:
    left_out = notes(export(tmp_path), Kind.LEFT_OUT)
    assert left_out["Please read this"] == "a text that nobody answers"
    assert left_out["Your plan"] == "an upload"
    assert left_out["Total: People"] == "a calculated field, which nobody answers"


def test_short_names_are_the_codes_where_they_were_exported(tmp_path: Path) -> None:
    form = """<Elements lang="EN"><Question id="u1" type="Single Choice" bid="PLAN">Plan?</Question>
<Answer id="u2" type="Choice Answer" bid="Y">Yes</Answer></Elements>"""
    imported = export(tmp_path, forms=form)
    assert [(question.name, question.source) for question in imported.questions] == [("PLAN", "u1")]
    assert [(choice.name, choice.source) for choice in imported.choices] == [("Y", "u2")]


def test_answer_sets_are_not_read_so_their_damage_does_not_matter(tmp_path: Path) -> None:
    assert len(export(tmp_path, answers="<Answers><AnswerSet id=").questions) == 12


def test_an_export_without_a_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookImportError, match="it has no form"):
        export(tmp_path, forms="")
