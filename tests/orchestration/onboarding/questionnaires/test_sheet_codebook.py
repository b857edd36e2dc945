"""Plain codebook sheets as codebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.rounds.codebook import Constraint, Relevant
from orchestration.settings import PROJECT_ROOT
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes, write_workbook

REAL = PROJECT_ROOT.parent / "shared" / "real" / "rse_2017_us" / "codebook" / "questions.csv"


def sheet(tmp_path: Path, text: str, name: str = "questions.csv") -> ImportedCodebook:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return import_codebook(path)


def test_columns_are_known_by_their_usual_names(tmp_path: Path) -> None:
    imported = sheet(
        tmp_path, "Variable;Question text;Answer type;Options;Mandatory\nplan;A plan?;single;Yes | No;yes\n"
    )
    codebook = loaded(imported, tmp_path / "round")
    (plan,) = codebook.questions
    assert (plan.name, plan.label, plan.base_type, plan.is_required) == ("plan", "A plan?", "select_one", True)
    assert [(c.name, c.label, c.source) for c in codebook.choices_of(plan)] == [("yes", "Yes", "1"), ("no", "No", "2")]


def test_choices_with_codes_keep_them(tmp_path: Path) -> None:
    imported = sheet(tmp_path, 'code,label,type,values\nq,Q,one choice,"1=Yes; 2=No; -9=Do not know"\n')
    assert [(c.name, c.source, c.label) for c in imported.choices] == [
        ("1", "1", "Yes"),
        ("2", "2", "No"),
        ("9", "-9", "Do not know"),
    ]


def test_lists_stand_one_label_a_line_beside_the_sheet_each_label_once(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    text = 'Korea, South\n"Congo ""DR"""\nC++\nC#\nKorea, South\n\n5+\n'
    (tmp_path / "answers" / "places.csv").write_text(text, encoding="utf-8")
    imported = sheet(tmp_path, "code,question,answer_format,answer_file\nq,Where?,ONE CHOICE,places\n")
    assert [(c.name, c.label, c.source) for c in imported.choices] == [
        ("korea_south", "Korea, South", "1"),
        ("congo_dr", 'Congo "DR"', "2"),
        ("c_plus_plus", "C++", "3"),
        ("c_sharp", "C#", "4"),
        ("5_plus", "5+", "5"),
    ]


def test_lists_may_stand_on_a_sheet_of_their_own(tmp_path: Path) -> None:
    sheets = {
        "Codebook": (("code", "question", "type", "list"), ("q", "Which?", "multiple choice", "mode")),
        "Choices": (("list_name", "name", "label"), ("mode", "bus", "Bus"), ("mode", "bike", "Bike")),
    }
    codebook = loaded(import_codebook(write_workbook(tmp_path / "book.xlsx", sheets)), tmp_path / "round")
    assert [choice.name for choice in codebook.choices_of(codebook.by_name["q"])] == ["bus", "bike"]


def test_a_written_codebook_can_be_imported_again(tmp_path: Path) -> None:
    header = "type,name,label,hint,required,relevant,constraint,section,question_number,matrix,role,is_personal"
    rows = """
text,city,City,,yes,,,profile,1,,city_name,
select_one yes_no,plan,Plan?,,,,,,2,,,
integer,staff,Staff,,,${plan} = 'yes',. >= 1,,3,Resources,,
text,mail,Mail,,,,,,4,,,yes
"""
    (tmp_path / "choices.csv").write_text("list_name,name,label,position\nyes_no,yes,Yes,1\nyes_no,no,No,2\n")
    codebook = loaded(sheet(tmp_path, header + rows), tmp_path / "round")
    city, plan, staff, mail = codebook.questions
    assert (city.roles, city.is_required, city.section) == (("city_name",), True, "profile")
    assert [choice.name for choice in codebook.choices_of(plan)] == ["yes", "no"]
    assert (staff.relevant, staff.constraint) == (Relevant("plan", "yes"), Constraint(1, None))
    assert (staff.header, staff.question_number, mail.is_personal) == ("Resources: Staff", "3", True)


def test_other_is_a_choice_of_a_single_question_and_a_text_beside_both(tmp_path: Path) -> None:
    text = "code,question,type,choices,other\na,A?,one choice,Bus|Bike,Y\nb,B?,multiple choices,Bus|Bike,Y\n"
    imported = sheet(tmp_path, text)
    codebook = loaded(imported, tmp_path / "round")
    assert [(q.name, q.source) for q in codebook.questions] == [
        ("a", "a"),
        ("a_other", "a[other]"),
        ("b", "b"),
        ("b_other", "b[other]"),
    ]
    assert [c.source for c in codebook.choices_of(codebook.by_name["a"])] == ["1", "2", "-oth-"]
    assert [c.source for c in codebook.choices_of(codebook.by_name["b"])] == ["1", "2"]
    assert codebook.by_name["a_other"].relevant == Relevant("a", "other")


def test_a_ranking_is_a_question_a_rank(tmp_path: Path) -> None:
    imported = sheet(tmp_path, "code,question,type,choices\nr,Rank them,Ranking,Bus|Bike\n")
    assert [(q.name, q.source, q.matrix, q.label) for q in imported.questions] == [
        ("r_1", "r[1]", "Rank them", "Rank 1"),
        ("r_2", "r[2]", "Rank them", "Rank 2"),
    ]


def test_na_of_a_yes_or_no_question_is_no_choice_and_that_is_told(tmp_path: Path) -> None:
    imported = sheet(tmp_path, "code,question,type\nq,Q?,Y/N/NA\n")
    assert [(choice.name, choice.source) for choice in imported.choices] == [("yes", "Y"), ("no", "N")]
    assert notes(imported, Kind.CHANGED) == {"q": "NA is no choice here: it is taken for no answer"}


def test_a_condition_in_words_is_kept_if_it_names_one_choice(tmp_path: Path) -> None:
    text = "code,question,type,condition\na,A?,Y/N,\nb,B?,text,'YES’ in a\nc,C?,text,‘Perhaps’ at a\nd,D?,text,if any\n"
    imported = sheet(tmp_path, text)
    codebook = loaded(imported, tmp_path / "round")
    assert codebook.by_name["b"].relevant == Relevant("a", "yes")
    assert notes(imported, Kind.LEFT_OUT) == {
        "c": "its condition cannot be expressed ('Perhaps' is no choice of a): ‘Perhaps’ at a",
        "d": "its condition cannot be expressed: if any",
    }


def test_a_type_that_is_not_told_is_chosen_and_told(tmp_path: Path) -> None:
    imported = sheet(tmp_path, "code,question,choices\na,A?,Yes|No\nb,B?,\n")
    assert [question.type for question in imported.questions] == ["select_one a", "text"]
    assert notes(imported, Kind.LOOK) == {
        "a": "the sheet does not tell its type: select_one",
        "b": "the sheet does not tell its type: text",
    }


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    imported = sheet(tmp_path, "code,question,type,Random,lang 2\na,A?,text,,\n")
    assert notes(imported, Kind.LEFT_OUT) == {"columns": "not read: Random, lang 2"}


def test_unknown_types_missing_lists_and_unclear_marks_are_refused_at_once(tmp_path: Path) -> None:
    text = "code,question,type,list,mandatory\na,A?,multipel choice,,\nb,B?,one choice,nowhere,\nc,C?,text,,perhaps\n"
    with pytest.raises(CodebookImportError) as caught:
        sheet(tmp_path, text)
    assert [(problem.row, problem.column, problem.reason) for problem in caught.value.problems] == [
        (2, "type", "the type 'multipel choice' is not known"),
        (3, "list", "the list 'nowhere' is not on a sheet `choices`, nor in choices.csv or answers/nowhere.csv"),
        (4, "mandatory", "'perhaps' is neither yes nor no"),
    ]


def test_a_table_that_is_no_codebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookImportError, match="no sheet has a column of codes or types and a column of question"):
        sheet(tmp_path, "city,population\nParis,1\n", "cities.csv")


def test_a_row_with_one_field_too_many_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookImportError, match="row 2: the row has 4 fields, the header 3"):
        sheet(tmp_path, "code,question,type\na,Yes, or no?,text\n")


@pytest.mark.skipif(not REAL.exists(), reason="the real codebook is not here")
def test_the_codebook_of_a_real_survey_is_imported_whole(tmp_path: Path) -> None:
    codebook = loaded(import_codebook(REAL), tmp_path / "round")
    kinds = [question.base_type for question in codebook.questions]
    # 92 rows: a ranking of 10 choices is 10 questions, 13 have a text for what is other.
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "decimal": 4,
        "select_multiple": 7,
        "select_one": 82,
        "text": 21,
    }
    assert codebook.by_name["paper3"].relevant == Relevant("paper2", "yes")
    assert len(codebook.choices["countries"]) == 249
