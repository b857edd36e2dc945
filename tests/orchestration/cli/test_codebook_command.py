"""`needs codebook import`, and which files it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestration.cli.main import app
from orchestration.common.html_text import plain
from orchestration.common.problems import FileProblemsError
from orchestration.extracts.errors import ExtractError
from orchestration.onboarding.questionnaires.importing import detect_format
from orchestration.onboarding.questionnaires.texts import code_of_label, language_code, valid_name
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.onboarding.questionnaires.forms import write_workbook

SHEET = "code,question,type,choices\nmail,Your e-mail,text,\nplan,A plan?,one choice,Yes|No\n"


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, text: str = SHEET) -> Result:
    monkeypatch.setenv("NEEDS_SEEDS", str(tmp_path / "seeds"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "book.csv").write_text(text, encoding="utf-8")
    base = ["codebook", "import", str(tmp_path / "book.csv"), "--instrument", "needs", "--round", "2025"]
    return CliRunner().invoke(app, [*base, *arguments])


def test_the_codebook_is_written_into_the_rounds_folder_and_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, monkeypatch)
    assert result.exit_code == 0, result.output
    codebook = load_codebook(tmp_path / "seeds" / "rounds" / "needs" / "2025")
    assert [(question.name, question.is_personal) for question in codebook.questions] == [
        ("mail", True),
        ("plan", False),
    ]
    assert "marked personal: its text says 'e-mail'" in result.output


def test_a_codebook_that_is_there_is_replaced_only_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, monkeypatch)
    path = tmp_path / "seeds" / "rounds" / "needs" / "2025" / "questions.csv"
    before = path.read_bytes()
    other = SHEET.replace("A plan?", "Any plan?")
    refused = run(tmp_path, monkeypatch, text=other)
    assert (refused.exit_code, path.read_bytes()) == (1, before)
    assert "give --force to replace it" in refused.output
    assert run(tmp_path, monkeypatch, "--force", text=other).exit_code == 0
    assert b"Any plan?" in path.read_bytes()


def test_a_codebook_that_would_not_load_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "code,question,type,role\nq,Q?,text,mayor\n"
    result = run(tmp_path, monkeypatch, text=text)
    assert (result.exit_code, (tmp_path / "seeds").exists()) == (1, False)
    assert "unknown role 'mayor'" in result.output


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "seeds" / "rounds" / "needs" / "2025"
    run(tmp_path, monkeypatch)
    first = [(folder / name).read_bytes() for name in ("questions.csv", "choices.csv")]
    run(tmp_path, monkeypatch, "--force")
    assert [(folder / name).read_bytes() for name in ("questions.csv", "choices.csv")] == first


def test_a_round_cannot_be_named_out_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, monkeypatch, "--round", "../2025")
    assert result.exit_code == 1
    assert "'../2025' cannot name a round" in result.output


def test_formats_are_known_by_content_not_by_name(tmp_path: Path) -> None:
    form = write_workbook(tmp_path / "form.dat", {"survey": (("type", "name"),), "choices": (("list_name", "name"),)})
    book = write_workbook(tmp_path / "book.dat", {"Sheet1": (("code", "question"),)})
    texts = {
        "limesurvey": "<?xml version='1.0'?><document/>",
        "eusurvey": "\ufeff<?xml version='1.0'?>\n<Results/>",
        "sheet": "code,question\n",
        "spss": "$FL2@(#) SPSS",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert detect_format(tmp_path / name) == name
    assert (detect_format(form), detect_format(book)) == ("xlsform", "sheet")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "a PDF document is no questionnaire"),
        (b"PK\x03\x04junk", "a damaged or truncated ZIP archive or workbook is no questionnaire"),
        (b"<?xml version='1.0'?><html/>", r"an XML document of another kind \(html\) is no questionnaire"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(FileProblemsError, match=said):
        detect_format(tmp_path / "file")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="there is no such file"):
        detect_format(tmp_path / "none")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One&nbsp;<b>or</b> two&hellip;</p><script>alert(1)</script>", "One or two…"),
        ("Less than <5 & more", "Less than <5 & more"),
        ("a<br/>b<img src='x' alt='A lime'>", "a b A lime"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert plain(html) == text


def test_codes_are_made_of_labels_and_cut_between_words() -> None:
    assert code_of_label("Münchner Straße & Co. (50%)") == "munchner_strasse_and_co_50_percent"
    assert code_of_label("word " * 20) == "word_word_word_word_word_word_word_word"
    assert code_of_label("Αθήνα") == ""
    assert valid_name("1st[SQ001]") == "q1st_SQ001"


@pytest.mark.parametrize(
    ("written", "code"),
    [("English (en)", "en"), ("Français", "fr"), ("de-informal", "de"), ("EN", "en"), ("Klingon", "")],
)
def test_languages_are_known_by_code_or_name(written: str, code: str) -> None:
    assert language_code(written) == code
