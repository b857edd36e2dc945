"""Files that describe no question that somebody answers: the person's own file is named, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.onboarding.questionnaires.imported import (
    CodebookImportError,
    ImportedChoice,
    ImportedCodebook,
    ImportedQuestion,
)
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.onboarding.questionnaires.write import write_codebook
from tests.orchestration.onboarding.questionnaires.forms import Rows, write_workbook

LIMESURVEY = """<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<DBVersion>366</DBVersion><languages><language>{language}</language></languages><questions><rows><row><qid>1</qid>
<parent_qid>0</parent_qid><type>X</type><title>intro</title><question>Welcome</question><language>{language}</language>
</row></rows></questions></document>"""
EUSURVEY = """<?xml version="1.0" encoding="UTF-8"?><Results><Survey><Elements lang="EN">
<Question id="a" type="Text">Welcome</Question></Elements></Survey><Answers/></Results>"""


def workbook(path: Path, rows: Rows, sheet: str = "survey") -> Path:
    return write_workbook(path, {sheet: rows, "choices": [("list_name", "name", "label")]})


@pytest.mark.parametrize(
    ("name", "place", "rows"),
    [
        ("form.xlsx", "form.xlsx, sheet survey", [("type", "name", "label"), ("note", "intro", "Welcome")]),
        ("empty.xlsx", "empty.xlsx, sheet survey", [("type", "name", "label")]),
        ("calc.xlsx", "calc.xlsx, sheet survey", [("type", "name", "label"), ("calculate", "x", "")]),
    ],
)
def test_an_xlsform_without_questions_is_told_by_its_own_name(
    tmp_path: Path, name: str, place: str, rows: Rows
) -> None:
    with pytest.raises(CodebookImportError) as error:
        import_codebook(workbook(tmp_path / name, rows))
    assert f"{place}: no question that somebody answers. To do: " in str(error.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("survey.lss", LIMESURVEY.format(language="en")),
        ("results.xml", EUSURVEY),
        ("codebook.csv", "code,question,type\nintro,Welcome,note\n"),
    ],
)
def test_every_other_format_names_the_file_and_what_was_left_out(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CodebookImportError) as error:
        import_codebook(tmp_path / name)
    assert f"{name}: no question that somebody answers (left out: " in str(error.value)


@pytest.mark.parametrize("languages", [(), ("fr",)])
def test_a_language_that_is_not_there_is_told_only_where_some_are(tmp_path: Path, languages: tuple[str, ...]) -> None:
    text = LIMESURVEY.format(language="".join(languages)).replace("<type>X</type>", "<type>T</type>")
    (tmp_path / "survey.lss").write_text(text, encoding="utf-8")
    if not languages:
        assert import_codebook(tmp_path / "survey.lss", language="de").questions
        return
    with pytest.raises(CodebookImportError, match=r"no texts in 'de'. To do: choose one of fr\."):
        import_codebook(tmp_path / "survey.lss", language="de")


def test_a_codebook_that_would_not_load_names_no_file_that_is_gone(tmp_path: Path) -> None:
    codebook = ImportedCodebook(
        (ImportedQuestion("select_one l", "q", "Q"),), (ImportedChoice("l", "no code", "Label"),), ()
    )
    with pytest.raises(CodebookImportError) as error:
        write_codebook(tmp_path / "rounds/x/2025", codebook)
    assert str(error.value).startswith("choices.csv of the import, row 2, column name: 'no code' cannot name a choice")
    assert not (tmp_path / "rounds").exists()
