from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.onboarding.questionnaires.write import write_codebook
from orchestration.rounds.card import RoundCard
from tests.orchestration.readers.deliveries import (
    Row,
    answers,
    choices,
    deliver,
    problems,
    question,
    read_round,
    records,
)
from tests.orchestration.readers.platforms import answer_set, results_xml

QUESTIONS: Sequence[Row] = (
    question("text", "contact", "Your e-mail", is_personal="yes", source="q-mail"),
    question("select_one target", "target", "Is there a target?", source="q-target"),
    question("select_multiple support", "support", "Which support?", source="q-support"),
    question("integer", "population", "Inhabitants", source="q-number"),
    question("date", "adopted", "Adopted on", source="q-date"),
    question("text", "remark", "Anything else?", source="q-text"),
    question("select_one scale", "need_money", "Money", matrix="How pressing?", source="m-money"),
    question("select_one scale", "need_staff", "Staff", matrix="How pressing?", source="m-staff"),
    question("text", "plan_energy", "Energy – Year", matrix="Plans", source="t-energy[t-year]"),
    question("integer", "rated_help", "Help", matrix="Rate us", source="r-help"),
    question("text", "ranked", "Rank these", source="q-rank"),
    question("text", "photo", "Choose a photo", source="q-gallery"),
    question("text", "cell", "Budget: total", matrix="Finance", source="c-total"),
)
SOURCES = {
    "existing": "a-yes", "none": "a-no", "money": "a-money", "advice": "a-advice", "staff": "a-staff",
    "low": "s-low", "high": "s-high",
}  # fmt: skip
CHOICES: Sequence[Row] = [
    {**row, "source": SOURCES[row["name"]]}
    for row in (
        *choices("target", existing="Existing", none="No target"),
        *choices("support", money="Money", advice="Advice; training", staff="Staff"),
        *choices("scale", low="Low", high="High"),
    )
]
# Tag, id, type, English, French; what stands inside the element before a text is written as it is.
FORM: Sequence[tuple[str, str, str, str, str]] = (
    ("Section", "x-1", "Section", "About you", "Vous"),
    ("Question", "q-mail", "E-mail", "Your e-mail", "Votre courriel"),
    ("Question", "q-target", "Single Choice", "<p>Is there&nbsp;a <b>target</b>?</p>", "Y a-t-il un objectif ?"),
    ("Answer", "a-yes", "Choice Answer", "Existing", "Existant"),
    ("Answer", "a-no", "Choice Answer", "No target", "Aucun objectif"),
    ("Question", "q-support", "Multiple Choice", "Which support?", "Quel soutien ?"),
    ("Answer", "a-money", "Choice Answer", "Money", "Argent"),
    ("Answer", "a-advice", "Choice Answer", "Advice; training", "Conseil ; formation"),
    ("Answer", "a-staff", "Choice Answer", "Staff", "Personnel"),
    ("Question", "q-number", "Number", "Inhabitants", "Habitants"),
    ("Question", "q-date", "Date", "Adopted on", "Adopté le"),
    ("Question", "q-text", "Free Text", "Anything else?", "Autre chose ?"),
    ("Question", "x-line", "Line", "----", "----"),
    ("Text", "x-text", "Text", "Please read on", "Lisez"),
    ("MatrixTitle", "m", "Matrix", "How pressing?", "Quelle urgence ?"),
    ("MatrixQuestion", "m-money", "Single Choice Matrix Question", "Money", "Argent"),
    ("MatrixQuestion", "m-staff", "Single Choice Matrix Question", "Staff", "Personnel"),
    ("MatrixAnswer", "s-low", "Matrix Answer", "Low", "Faible"),
    ("MatrixAnswer", "s-high", "Matrix Answer", "High", "Forte"),
    ("TableTitle", "t", "Table", "Plans", "Plans"),
    ("TableQuestion", "t-energy", "Table Question", "Energy", "Énergie"),
    ("TableAnswer", "t-year", "Table Answer", "Year", "Année"),
    ("Question", "r", "Rating", "Rate us", "Notez-nous"),
    ("RatingQuestion", "r-help", "Rating", "Rate us: Help", "Notez-nous: Aide"),
    ("Question", "q-rank", "Ranking", "Rank these", "Classez"),
    ("RankingItem", "i-heat", "Ranking Item", "Heat", "Chaleur"),
    ("RankingItem", "i-roads", "Ranking Item", "Roads", "Routes"),
    ("Question", "q-gallery", "Gallery", "Choose a photo", "Choisissez"),
    ("ComplexTableTitle", "c", "Complex Table", "Finance", "Finances"),
    ("Cell", "c-head", "StaticText", "Budget", "Budget"),
    ("Cell", "c-total", "FreeText", "Budget: total", "Budget: total"),
)
META = {
    "id": "c-1", "create": "2024-05-02_10-11-12", "last": "2024-05-03_09-00-00", "list": "77", "lang": "FR",
    "user": "ada@city.example", "invitation": "inv-1", "userlogin": "adalovel",
}  # fmt: skip
ANSWERS = (
    '<Answer qid="q-mail">ada@city.example</Answer>'
    '<Answer qid="q-target" aid="a-yes"/>'
    '<Answer qid="q-support" aid="a-advice"/><Answer qid="q-support" aid="a-money"/>'
    '<Answer qid="q-number">1.2E7</Answer>'
    '<Answer qid="q-date">31/01/2024</Answer>'
    '<Answer qid="q-text">Two &lt;b&gt;lines&lt;/b&gt;,\nR&amp;amp;D &#233;t&#233;</Answer>'
    '<Answer aid="s-low" qid="m-money"/><Answer aid="s-high" qid="m-staff"/>'
    '<Answer qid="t-energy" aid="t-year">2030</Answer>'
    '<Answer qid="r-help">4</Answer>'
    '<Answer qid="q-rank">i-roads;i-heat</Answer>'
    '<Answer qid="q-gallery">a.png</Answer><Answer qid="q-gallery">b.png</Answer>'
    '<Answer qid="c-total">5 M</Answer>'
)
EXPECTED = [
    ("c-1", "target", "existing"),
    ("c-1", "support", "money"),
    ("c-1", "support", "advice"),
    ("c-1", "population", 12000000.0),
    ("c-1", "adopted", date(2024, 1, 31)),
    ("c-1", "remark", "Two <b>lines</b>,\nR&D été"),
    ("c-1", "need_money", "low"),
    ("c-1", "need_staff", "high"),
    ("c-1", "plan_energy", "2030"),
    ("c-1", "rated_help", 4.0),
    ("c-1", "ranked", "Roads;Heat"),
    ("c-1", "photo", "a.png;b.png"),
    ("c-1", "cell", "5 M"),
]


def element(tag: str, key: str, kind: str, text: str) -> str:
    kind = f" type={quoteattr(kind)}" if kind else ""
    said = f"<CellTitle>?</CellTitle><ResultText>{escape(text)}</ResultText>" if tag == "Cell" else escape(text)
    return f'<{tag} id="{key}"{kind}>{said}</{tag}>'


def form(rows: Sequence[tuple[str, str, str, str, str]] = FORM, has_types: bool = True) -> str:
    languages = (
        "".join(element(tag, key, kind if has_types else "", texts[number]) for tag, key, kind, *texts in rows)
        for number in range(2)
    )
    english, french = languages
    return (
        '<Survey id="5" uid="u-5" alias="cities">'
        f'<Elements lang="EN">{english}</Elements><Elements lang="FR">{french}</Elements></Survey>'
    )


def contribution(said: str = ANSWERS, **attributes: str | None) -> str:
    return answer_set({**META, **attributes}, said)


def export(*contributions: str, of: str = "") -> str:
    return results_xml(of or form(), *contributions)


def delivered(
    folder: Path,
    content: str | bytes,
    questions: Sequence[Row] = QUESTIONS,
    choice_rows: Sequence[Row] = CHOICES,
    **card: Any,
) -> RoundCard:
    return deliver(folder, questions, choice_rows, content, platform="eusurvey_xml", extract="extract.xml", **card)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "city" / "2024"


def test_answers_of_every_kind_of_element(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution())))
    assert answers(result) == EXPECTED
    assert result.rejected.num_rows == 0
    assert result.notes == ()


def test_a_contribution_keeps_its_id_dates_and_language(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution(), contribution("", id="c-2", lang="EN"))))
    columns = ("response_id", "respondent_id", "status", "submitted_at", "updated_at", "language", "source_row")
    assert records(result.responses, *columns) == [
        ("c-1", "c-1", "complete", datetime(2024, 5, 2, 10, 11, 12), datetime(2024, 5, 3, 9), "FR", 1),
        ("c-2", "c-2", "complete", datetime(2024, 5, 2, 10, 11, 12), datetime(2024, 5, 3, 9), "EN", 2),
    ]


def test_an_answer_says_the_number_of_its_contribution_and_of_its_question(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution(""), contribution(id="c-2"))))
    places = records(result.answers, "question_code", "source_row", "source_column")
    assert (places[0], places[-1]) == (("target", 2, 2), ("cell", 2, 13))


def test_an_older_export_without_types_means_the_same(folder: Path) -> None:
    rows = [row for row in FORM if row[0] != "Cell" and row[1] not in ("x-line", "c")]
    questions = [row for row in QUESTIONS if row["name"] != "cell"]
    said = ANSWERS.replace('<Answer qid="c-total">5 M</Answer>', "")
    card = delivered(folder, export(contribution(said), of=form(rows, has_types=False)), questions)
    assert answers(read_round(card)) == EXPECTED[:-1]


@pytest.mark.parametrize("language", [3, 4])
def test_a_codebook_without_ids_is_matched_by_labels_in_any_language_of_the_file(folder: Path, language: int) -> None:
    text = {row[1]: row[language] for row in FORM}
    ids = {"target": "q-target", "support": "q-support", "remark": "q-text"}
    questions = [
        {**row, "source": "" if row["name"] in ids else row["source"], "label": text.get(ids.get(row["name"], ""), "")}
        if row["name"] in ids
        else row
        for row in QUESTIONS
    ]
    questions = [{**row, "label": row["label"].replace("<p>", "").replace("</p>", "")} for row in questions]
    questions = [{**row, "label": row["label"].replace("<b>", "").replace("</b>", "")} for row in questions]
    choice_rows = [{**row, "source": "", "label": text[row["source"]]} for row in CHOICES]
    assert answers(read_round(delivered(folder, export(contribution()), questions, choice_rows))) == EXPECTED


def test_the_short_name_of_a_question_is_enough(folder: Path) -> None:
    questions = [
        {**row, "source": "", "label": "Another wording"} if row["name"] == "remark" else row for row in QUESTIONS
    ]
    content = export(contribution()).replace('id="q-text"', 'id="q-text" bid="remark"')
    assert answers(read_round(delivered(folder, content, questions))) == EXPECTED


def test_nothing_of_the_respondent_is_landed_or_told(folder: Path) -> None:
    said = ANSWERS.replace('aid="a-yes"', 'aid="a-lost"')
    result = read_round(delivered(folder, export(contribution(said), contribution(id=""))))
    assert result.rejected.num_rows == 2
    landed = " ".join(str(table.to_pylist()) for table in (result.responses, result.answers, result.rejected))
    for secret in ("ada@city.example", "adalovel", "inv-1"):
        assert secret not in landed


def test_an_answer_that_the_codebook_does_not_know_is_rejected_with_its_text(folder: Path) -> None:
    choice_rows = [row for row in CHOICES if row["name"] != "none"]
    said = '<Answer qid="q-target" aid="a-no"/>'
    result = read_round(delivered(folder, export(contribution(said)), choice_rows=choice_rows))
    assert records(result.rejected, "question_code", "source_row", "source_column", "reason_code", "raw") == [
        ("target", 1, 2, "unknown_choice", "No target")
    ]


@pytest.mark.parametrize(("aid", "raw"), [("gone", "gone"), ("", "(an answer without id)")])
def test_an_answer_that_the_form_does_not_define_is_rejected(folder: Path, aid: str, raw: str) -> None:
    result = read_round(delivered(folder, export(contribution(f'<Answer qid="q-target" aid="{aid}"/>'))))
    assert records(result.rejected, "question_code", "reason_code", "raw") == [("target", "unknown_choice", raw)]


def test_a_single_choice_with_two_answers_is_rejected(folder: Path) -> None:
    said = '<Answer qid="q-target" aid="a-yes"/><Answer qid="q-target" aid="a-no"/>'
    result = read_round(delivered(folder, export(contribution(said))))
    assert records(result.rejected, "question_code", "raw") == [("target", "a-yes;a-no")]


@pytest.mark.parametrize(
    ("question_id", "said", "code"),
    [("q-number", "many", "not_a_number"), ("q-date", "31/02/2024", "not_a_date"), ("q-number", "1.5", "not_a_number")],
)
def test_a_number_or_date_that_is_none_is_rejected(folder: Path, question_id: str, said: str, code: str) -> None:
    result = read_round(delivered(folder, export(contribution(f'<Answer qid="{question_id}">{said}</Answer>'))))
    assert records(result.rejected, "reason_code", "raw") == [(code, said)]


def test_dates_as_the_reporting_database_writes_them(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution('<Answer qid="q-date">2024-01-31</Answer>'))))
    assert answers(result) == [("c-1", "adopted", date(2024, 1, 31))]


def test_a_text_that_an_older_export_parted_at_semicolons_is_whole_again(folder: Path) -> None:
    said = '<Answer qid="q-text">first</Answer><Answer qid="q-text"> second</Answer>'
    assert answers(read_round(delivered(folder, export(contribution(said))))) == [("c-1", "remark", "first; second")]


def test_a_text_of_ten_megabytes_is_landed_whole(folder: Path) -> None:
    said = f'<Answer qid="q-text">{"é" * 5_000_000}</Answer>'
    (found,) = answers(read_round(delivered(folder, export(contribution(said)))))
    assert found == ("c-1", "remark", "é" * 5_000_000)


def test_an_id_that_occurs_again_is_a_further_submission(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution(""), contribution(""))))
    assert result.responses["response_id"].to_pylist() == ["c-1", "c-1#2"]


def test_a_contribution_with_an_empty_id_is_rejected(folder: Path) -> None:
    result = read_round(delivered(folder, export(contribution(""), contribution("", id=""))))
    assert records(result.rejected, "scope", "source_row", "reason_code") == [("row", 2, "missing_response_id")]
    assert result.rows_in == 2


def test_an_upload_and_an_explanation_are_told_not_landed(folder: Path) -> None:
    rows = [*FORM, ("Question", "q-file", "File Upload", "Your plan", "Votre plan")]
    said = (
        '<Answer qid="q-file">plan.pdf</Answer><Explanation qid="q-text"><ExplanationText>So</ExplanationText>'
        "</Explanation>"
    )
    result = read_round(delivered(folder, export(contribution(said), of=form(rows))))
    file = folder / "extract.xml"
    assert result.answers.num_rows == 0
    assert result.notes == (
        f"{file}: not landed, uploads and calculated fields: 'Your plan'",
        f"{file}: not landed, explanations and discussions of a Delphi survey",
    )


def test_a_survey_without_ids_of_contributions_is_told(folder: Path) -> None:
    assert problems(delivered(folder, export(contribution(id=None)))) == [
        "row 2, column id: contribution 1 has no id. To do: choose Contribution Id among what to export."
    ]


def test_an_anonymised_export_is_told(folder: Path) -> None:
    card = delivered(folder, export(contribution("", id="Anonymous"), contribution("", id="Anonymous")))
    assert problems(card) == [
        "row 2, column id: the survey was exported anonymised: every contribution id is 'Anonymous'. To do: lift the "
        "anonymous mode of the survey in EUSurvey and export again."
    ]


def test_questions_that_only_one_side_knows_are_told_at_once(folder: Path) -> None:
    rows = [("Question", "q-new", "Free Text", "Anything new?", "?") if row[1] == "q-text" else row for row in FORM]
    assert problems(delivered(folder, export(contribution(""), of=form(rows)))) == [
        "row 2, column 'Anything else?': the column of question remark is missing. To do: export all questions, or "
        "write the question's id into `source` of questions.csv; the file has 'Anything new?': if it is the same "
        "question, write its label so in questions.csv.",
        "row 2, column 6 ('Anything new?'): the column is not in the codebook; nearest label: 'Anything else?' "
        "(question remark). To do: add the question to questions.csv, or delete the column.",
    ]


def test_the_codebook_of_another_survey_is_told(folder: Path) -> None:
    assert problems(delivered(folder, export(contribution("")), [question("text", "other", "Something else")])) == [
        "row 2: no header here: none of the 13 cells of the row is a label of the codebook. To do: set the codebook of "
        "this survey beside round.yml: `needs codebook import` makes it of this file."
    ]


def test_an_answer_to_a_question_that_the_form_does_not_have_is_told(folder: Path) -> None:
    assert problems(delivered(folder, export(contribution('<Answer qid="q-none">x</Answer>')))) == [
        "row 2: contribution 1 answers 'q-none', which is no question of the file's form. To do: export the results "
        "from EUSurvey again as XML, and do not edit the file."
    ]


def test_a_truncated_file_is_told_with_its_line(folder: Path) -> None:
    content = export(contribution(), contribution(id="c-2"))
    assert problems(delivered(folder, content[:-30])) == [
        "row 4: the file is truncated or damaged: unclosed token. To do: fetch the file again from where it was "
        "exported."
    ]


def test_an_element_that_is_not_closed_is_told_with_its_line(folder: Path) -> None:
    content = export(contribution()).replace("</AnswerSet>", "\n</Answerset>")
    assert problems(delivered(folder, content)) == [
        "row 4: the file is truncated or damaged: mismatched tag. To do: fetch the file again from where it was "
        "exported."
    ]


DANGER = "the file declares a document type or entities, which EUSurvey never does and which can do harm"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Results [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Results [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Results SYSTEM "http://127.0.0.1/x.dtd">',
    ],
    ids=["billion laughs", "external entity", "external document type"],
)
def test_a_document_type_is_refused(folder: Path, doctype: str) -> None:
    content = export(contribution()).replace("<Results", f"{doctype}\n<Results", 1)
    assert problems(delivered(folder, content)) == [
        f"row 2: {DANGER}. To do: export the results from EUSurvey again as XML, and do not edit the file."
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"id,name\n1,Ada\n", "plain text or another kind of file"), (b"\x1f\x8b\x08 gz", "a gzip archive")],
)
def test_a_file_that_is_not_xml_is_told(folder: Path, content: bytes, kind: str) -> None:
    assert problems(delivered(folder, content)) == [
        f"not XML as its platform says, but {kind}. To do: export the results as XML, or set the platform in round.yml."
    ]


def test_another_kind_of_xml_is_told(folder: Path) -> None:
    assert problems(delivered(folder, '<?xml version="1.0"?><document><LimeSurveyDocType/></document>')) == [
        "not EUSurvey's export of results as XML, but a file of <document>. To do: export the results as XML, or set "
        "the platform in round.yml."
    ]


def test_a_form_without_a_contribution_is_told(folder: Path) -> None:
    assert problems(delivered(folder, export())) == [
        "the file has a form, but no contribution. To do: export the results from EUSurvey again as XML, and do not "
        "edit the file."
    ]


def test_answers_without_a_form_are_told(folder: Path) -> None:
    assert problems(delivered(folder, export(contribution(), of="<Survey/>"))) == [
        "the file has answers, but no form. To do: export the results from EUSurvey again as XML, and do not edit the "
        "file."
    ]


def test_a_codebook_imported_from_the_file_reads_it(folder: Path) -> None:
    card = delivered(folder, export(contribution()))
    write_codebook(folder, import_codebook(folder / "extract.xml"), force=True)
    assert [value for _, _, value in answers(read_round(card))] == [
        "existing",
        "money",
        "advice_training",
        *(value for _, _, value in EXPECTED[3:]),
    ]
