"""LimeSurvey structures (.lss), old and new, as codebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.rounds.codebook import Constraint, Relevant
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes

Table = Sequence[Mapping[str, object]]


def lss(
    tables: Mapping[str, Table], languages: Sequence[str] = ("en",), version: int = 495, kind: str = "Survey"
) -> str:
    """A structure as LimeSurvey writes it."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<document>", f" <LimeSurveyDocType>{kind}</LimeSurveyDocType>"]
    lines += [f" <DBVersion>{version}</DBVersion>", " <languages>"]
    lines += [*(f"  <language>{language}</language>" for language in languages), " </languages>"]
    for name, rows in tables.items():
        fields = dict.fromkeys(field for row in rows for field in row)
        lines += [
            f" <{name}>",
            "  <fields>",
            *(f"   <fieldname>{field}</fieldname>" for field in fields),
            "  </fields>",
        ]
        lines.append("  <rows>")
        for row in rows:
            cells = [f"    <{f}><![CDATA[{v}]]></{f}>" if v != "" else f"    <{f}/>" for f, v in row.items()]
            lines += ["   <row>", *cells, "   </row>"]
        lines += ["  </rows>", f" </{name}>"]
    return "\n".join([*lines, "</document>", ""])


class New:
    """A survey of LimeSurvey 4 and later in the making: texts stand in tables of their own."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Mapping[str, object]]] = {
            "answers": [], "answer_l10ns": [], "groups": [], "group_l10ns": [], "questions": [], "subquestions": [],
            "question_l10ns": [], "question_attributes": [],
        }  # fmt: skip
        self.tables["groups"].append({"gid": 1, "group_order": 1, "grelevance": ""})
        self.tables["group_l10ns"].append({"gid": 1, "group_name": "Profile", "language": "en"})

    def question(self, qid: int, kind: str, code: str, text: str, parent: int = 0, **more: object) -> New:
        row = {"qid": qid, "parent_qid": parent, "gid": 1, "type": kind, "title": code, "other": "N", "mandatory": "N",
               "question_order": qid, "scale_id": 0, "relevance": "1", **more}  # fmt: skip
        self.tables["subquestions" if parent else "questions"].append(row)
        self.tables["question_l10ns"].append({"qid": qid, "question": text, "help": "", "language": "en"})
        return self

    def answers(self, qid: int, scale: int = 0, **labels: str) -> New:
        for order, (code, label) in enumerate(labels.items()):
            aid = len(self.tables["answers"]) + 1
            self.tables["answers"].append(
                {"aid": aid, "qid": qid, "code": code, "sortorder": order, "assessment_value": 0, "scale_id": scale}
            )
            self.tables["answer_l10ns"].append({"aid": aid, "answer": label, "language": "en"})
        return self

    def attribute(self, qid: int, name: str, value: str, language: str = "") -> New:
        row = {"qid": qid, "attribute": name, "value": value, "language": language}
        self.tables["question_attributes"].append(row)
        return self

    def imported(self, tmp_path: Path) -> ImportedCodebook:
        path = tmp_path / "survey.lss"
        path.write_text(lss(self.tables), encoding="utf-8")
        return import_codebook(path)


def sources(codebook: ImportedCodebook) -> list[tuple[str, str, str]]:
    return [(question.name, question.type, question.source) for question in codebook.questions]


def test_a_list_with_other_has_a_choice_and_a_text_for_it(tmp_path: Path) -> None:
    survey = New().question(1, "L", "job", "<p>Your <b>job</b>?</p>", other="Y", mandatory="Y")
    imported = survey.answers(1, A1="Planner &amp; engineer", A2="Mayor").imported(tmp_path)
    codebook = loaded(imported, tmp_path / "round")
    assert sources(imported) == [("job", "select_one job", "job"), ("job_other", "text", "job[other]")]
    assert [(c.name, c.label, c.source) for c in codebook.choices["job"]] == [
        ("A1", "Planner & engineer", "A1"),
        ("A2", "Mayor", "A2"),
        ("other", "Other", "-oth-"),
    ]
    job, other = codebook.questions
    assert (job.label, job.is_required, job.section) == ("Your job?", True, "Profile")
    assert (other.label, other.is_required, other.relevant) == ("Your job? – other", False, Relevant("job", "other"))


def test_the_other_choice_has_the_words_that_the_survey_gives_it(tmp_path: Path) -> None:
    survey = New().question(1, "!", "q", "Q", other="Y").answers(1, A1="A")
    imported = survey.attribute(1, "other_replace_text", "Something else", "en").imported(tmp_path)
    assert imported.choices[-1].label == "Something else"


def test_a_multiple_choice_has_its_subquestions_as_choices(tmp_path: Path) -> None:
    survey = New().question(1, "M", "mode", "Modes?", other="Y")
    survey.question(2, "T", "SQ001", "Bus", parent=1).question(3, "T", "SQ002", "Bike", parent=1)
    imported = survey.imported(tmp_path)
    assert sources(imported) == [("mode", "select_multiple mode", "mode"), ("mode_other", "text", "mode[other]")]
    assert [(choice.source, choice.label) for choice in imported.choices] == [("SQ001", "Bus"), ("SQ002", "Bike")]


def test_a_multiple_choice_with_comments_has_a_text_a_choice(tmp_path: Path) -> None:
    survey = New().question(1, "P", "mode", "Modes?", other="Y").question(2, "T", "SQ001", "Bus", parent=1)
    assert [question.source for question in survey.imported(tmp_path).questions] == [
        "mode", "mode[SQ001comment]", "mode[other]", "mode[othercomment]",
    ]  # fmt: skip


def test_an_array_is_a_question_a_row_and_lists_of_the_same_choices_are_one(tmp_path: Path) -> None:
    survey = New().question(1, "F", "agree", "Do you agree?").question(2, "T", "SQ001", "Buses", parent=1)
    survey.question(3, "T", "SQ002", "Bikes", parent=1).question(4, "L", "again", "And overall?")
    survey.answers(1, A1="Yes", A2="No").answers(4, A1="Yes", A2="No")
    codebook = loaded(survey.imported(tmp_path), tmp_path / "round")
    assert [(q.name, q.source, q.header, q.list_name) for q in codebook.questions] == [
        ("agree_SQ001", "agree[SQ001]", "Do you agree?: Buses", "agree"),
        ("agree_SQ002", "agree[SQ002]", "Do you agree?: Bikes", "agree"),
        ("again", "again", "And overall?", "agree"),
    ]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("A", ["1", "2", "3", "4", "5"]),
        ("B", ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
        ("C", ["Y", "U", "N"]),
        ("E", ["I", "S", "D"]),
    ],
)
def test_arrays_of_fixed_answers_have_limesurveys_codes(tmp_path: Path, kind: str, codes: list[str]) -> None:
    imported = New().question(1, kind, "q", "Q").question(2, "T", "SQ001", "Row", parent=1).imported(tmp_path)
    assert [choice.source for choice in imported.choices] == codes


def test_a_row_without_text_is_labelled_with_its_question(tmp_path: Path) -> None:
    survey = New().question(1, "F", "rse3", "Who uses the code?").question(2, "T", "SQ001", "", parent=1)
    question = survey.answers(1, A1="Me").imported(tmp_path).questions[0]
    assert (question.source, question.label, question.matrix) == ("rse3[SQ001]", "Who uses the code?", "")


def test_a_dual_scale_has_two_columns_a_row_each_with_its_own_choices(tmp_path: Path) -> None:
    survey = New().question(1, "1", "q", "Rate").question(2, "T", "SQ001", "Bus", parent=1)
    survey.answers(1, A1="Good", A2="Bad").answers(1, scale=1, A1="Near", A2="Far")
    survey.attribute(1, "dualscale_headerA", "Quality", "en")
    codebook = loaded(survey.imported(tmp_path), tmp_path / "round")
    assert [(q.source, q.label) for q in codebook.questions] == [
        ("q[SQ001][1]", "Bus [Quality]"),
        ("q[SQ001][2]", "Bus [Scale 2]"),
    ]
    labels = [[choice.label for choice in codebook.choices_of(question)] for question in codebook.questions]
    assert labels == [["Good", "Bad"], ["Near", "Far"]]


def test_tables_of_numbers_and_texts_have_a_question_a_cell(tmp_path: Path) -> None:
    survey = New().question(1, ":", "n", "Numbers").question(2, "T", "SQ001", "Bus", parent=1)
    survey.question(3, "T", "Y2030", "2030", parent=1, scale_id=1)
    question = survey.imported(tmp_path).questions[0]
    assert (question.type, question.source, question.label) == ("decimal", "n[SQ001_Y2030]", "Bus – 2030")


def test_a_ranking_is_a_question_a_rank(tmp_path: Path) -> None:
    survey = New().question(1, "R", "rank", "Rank them").answers(1, A1="Bus", A2="Bike", A3="Feet")
    imported = survey.attribute(1, "max_answers", "2").imported(tmp_path)
    assert [(q.source, q.matrix, q.label) for q in imported.questions] == [
        ("rank[1]", "Rank them", "Rank 1"),
        ("rank[2]", "Rank them", "Rank 2"),
    ]


def test_single_columns_have_their_types_and_numbers_their_bounds(tmp_path: Path) -> None:
    survey = New().question(1, "N", "n", "How many?").question(2, "D", "d", "When?").question(3, "Y", "y", "Sure?")
    survey.question(4, "G", "g", "Gender").question(5, "5", "five", "Score").question(6, "S", "s", "Why?")
    survey.attribute(1, "num_value_int_only", "1").attribute(1, "min_num_value_n", "0")
    survey.attribute(1, "max_num_value_n", "100")
    codebook = loaded(survey.imported(tmp_path), tmp_path / "round")
    assert [(q.name, q.base_type, q.list_name) for q in codebook.questions] == [
        ("n", "integer", None),
        ("d", "date", None),
        ("y", "select_one", "yes_no"),
        ("g", "select_one", "gender"),
        ("five", "select_one", "points_1_to_5"),
        ("s", "text", None),
    ]
    assert codebook.by_name["n"].constraint == Constraint(0, 100)
    assert [(choice.source, choice.label) for choice in codebook.choices["yes_no"]] == [("Y", "Yes"), ("N", "No")]


def test_fixed_answers_of_a_survey_in_another_language_are_to_be_looked_at(tmp_path: Path) -> None:
    row = {"qid": 1, "parent_qid": 0, "type": "Y", "title": "y", "question": "Sicher?", "language": "de"}
    (tmp_path / "de.lss").write_text(lss({"questions": [row]}, ("de",)), encoding="utf-8")
    imported = import_codebook(tmp_path / "de.lss")
    assert notes(imported, Kind.LOOK) == {"list yes_no": "its labels are English: write them as the export has them"}


def test_several_short_texts_and_numbers_are_a_question_each(tmp_path: Path) -> None:
    survey = New().question(1, "K", "km", "Kilometres").question(2, "T", "SQ001", "Bus", parent=1)
    survey.question(3, "Q", "who", "Who?").question(4, "T", "SQ001", "First name", parent=3)
    imported = survey.imported(tmp_path)
    assert sources(imported) == [("km_SQ001", "decimal", "km[SQ001]"), ("who_SQ001", "text", "who[SQ001]")]
    assert [question.is_personal for question in imported.questions] == [False, True]


@pytest.mark.parametrize(
    "relevance", ['plan.NAOK == "Y"', '((plan.NAOK == "Y"))', "plan == 'Y'", '(plan.value eq "Y")']
)
def test_a_condition_on_one_answer_is_kept(tmp_path: Path, relevance: str) -> None:
    survey = New().question(1, "Y", "plan", "Plan?").question(2, "S", "why", "Why?", relevance=relevance)
    codebook = loaded(survey.imported(tmp_path), tmp_path / "round")
    assert codebook.by_name["why"].relevant == Relevant("plan", "Y")


def test_any_other_condition_is_noted_once_for_all_rows_of_a_matrix(tmp_path: Path) -> None:
    relevance = 'plan.NAOK == "Y" or is_empty(plan)'
    survey = New().question(1, "Y", "plan", "Plan?").question(2, "A", "m", "Rate", relevance=relevance)
    survey.question(3, "T", "SQ001", "Bus", parent=2).question(4, "T", "SQ002", "Bike", parent=2)
    imported = survey.imported(tmp_path)
    assert [(note.subject, note.text) for note in imported.notes] == [
        ("m", f"its condition cannot be expressed: {relevance}")
    ]


def test_texts_equations_and_uploads_are_left_out_by_code(tmp_path: Path) -> None:
    survey = New().question(1, "X", "intro", "Hello").question(2, "*", "sum", "{a+b}").question(3, "|", "file", "Plan")
    imported = survey.question(4, "S", "s", "Why?").imported(tmp_path)
    assert notes(imported, Kind.LEFT_OUT) == {
        "intro": "a text that nobody answers",
        "sum": "a calculated field, which nobody answers",
        "file": "an upload",
    }


def test_an_old_structure_has_its_texts_in_a_row_a_language(tmp_path: Path) -> None:
    def row(qid: int, kind: str, title: str, text: str, language: str, parent: int = 0) -> Mapping[str, object]:
        return {"qid": qid, "parent_qid": parent, "sid": 7, "gid": 1, "type": kind, "title": title, "question": text,
                "other": "N", "mandatory": "N", "question_order": 1, "language": language, "scale_id": 0}  # fmt: skip

    tables: dict[str, Table] = {
        "answers": [
            {"qid": 5, "code": "A1", "answer": "Gut", "sortorder": 1, "language": "de", "scale_id": 0},
            {"qid": 5, "code": "A1", "answer": "Good", "sortorder": 1, "language": "en", "scale_id": 0},
        ],
        "groups": [
            {"gid": 1, "group_name": "Profil", "group_order": 0, "language": "de"},
            {"gid": 1, "group_name": "Profile", "group_order": 0, "language": "en"},
        ],
        "questions": [row(5, "F", "rate", "Bewerten Sie", "de"), row(5, "F", "rate", "Rate", "en")],
        "subquestions": [row(6, "T", "SQ1", "Bus (de)", "de", 5), row(6, "T", "SQ1", "Bus", "en", 5)],
        "surveys": [{"sid": 7, "language": "en", "additional_languages": "de"}],
    }
    path = tmp_path / "old.lss"
    path.write_text(lss(tables, ("de", "en"), version=145), encoding="utf-8")
    codebook = loaded(import_codebook(path), tmp_path / "round")
    (question,) = codebook.questions
    assert (question.header, question.section, question.source) == ("Rate: Bus", "Profile", "rate[SQ1]")
    assert question.translated_headers == ("Bewerten Sie: Bus (de)",)
    assert [(choice.label, choice.labels) for choice in codebook.choices_of(question)] == [("Good", {"de": "Gut"})]
    assert import_codebook(path, language="de").questions[0].label == "Bus (de)"


def test_a_group_of_questions_is_no_survey(tmp_path: Path) -> None:
    path = tmp_path / "group.lsg"
    path.write_text(lss({}, kind="Group"), encoding="utf-8")
    with pytest.raises(CodebookImportError, match="not the structure of a LimeSurvey survey, but 'Group'"):
        import_codebook(path)


def test_a_structure_of_before_subquestions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.lss"
    path.write_text(lss({}, version=138), encoding="utf-8")
    with pytest.raises(CodebookImportError, match=r"before 1\.90"):
        import_codebook(path)


def test_entities_and_document_types_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.lss"
    path.write_text('<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "x">]><document>&a;</document>', encoding="utf-8")
    with pytest.raises(CodebookImportError, match="a document type or entities of its own"):
        import_codebook(path)


def test_a_truncated_structure_is_refused_with_its_line(tmp_path: Path) -> None:
    text = lss({"questions": [{"qid": 1}]})
    path = tmp_path / "cut.lss"
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(CodebookImportError, match=r"row \d+: the XML is damaged"):
        import_codebook(path)
