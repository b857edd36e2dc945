"""A new round's folder: what is written, what is asked for, what is never overwritten."""

from pathlib import Path

import pytest
import yaml

from orchestration.common.strict_csv import read_csv_strict
from orchestration.extracts.errors import ExtractError
from orchestration.landing.landing import land
from orchestration.onboarding.new import NewRound, Scaffolded, new_round
from orchestration.rounds.card import load_round
from orchestration.rounds.codebook import CodebookError, load_codebook
from orchestration.rounds.crosswalk import load_crosswalk
from tests.orchestration.readers.deliveries import choices, question, write_codebook

KNOWN = {
    "title": "Survey",
    "producer": "Somebody",
    "licence": "CC-BY-4.0",
    "citation": "Somebody (2024).",
    "fieldwork_start": None,
    "fieldwork_end": None,
    "synthetic": True,
}
FIRST = "Response ID,City,Is there a plan?,Needs,People in the team,E-mail\n" + "".join(
    f"r{n},City {n},{'Yes' if n % 3 else 'Not yet'},{'Money; Staff' if n % 2 else 'Staff'},{n},a{n}@example.org\n"
    for n in range(9)
)
SECOND = "Response ID,City,Is there a plan?,Needs,People in your team,E-mail,Budget\n" + "".join(
    f"s{n},City {n},{'Yes' if n % 2 else 'No'},{'Money; Staff' if n % 2 else 'Advice'},{n},a{n}@example.org,{n}.5\n"
    for n in range(12)
)


def scaffold(tmp_path: Path, name: str, text: str, **known: object) -> Scaffolded:
    """Deliver an extract and scaffold the round x/name from it."""
    extract = tmp_path / f"export {name}.csv"
    extract.write_text(text, encoding="utf-8")
    return new_round(tmp_path / "seeds", NewRound("x", name, (str(extract),), values=known))


def folder(tmp_path: Path, name: str) -> Path:
    return tmp_path / "seeds" / "rounds" / "x" / name


def question_types(path: Path) -> dict[str, str]:
    return {row["name"]: row["type"] for _, row in read_csv_strict(path / "questions.csv")}


def test_a_first_round_can_be_landed_as_it_is_proposed(tmp_path: Path) -> None:
    found = scaffold(tmp_path, "2024", FIRST, **KNOWN)
    assert [path.name for path in found.written] == ["export 2024.csv", "questions.csv", "choices.csv", "round.yml"]
    assert (found.remarks, found.problems) == ((), ())
    assert question_types(folder(tmp_path, "2024")) == {
        "response_id": "text",
        "city": "text",
        "is_there_a_plan": "select_one is_there_a_plan",
        "needs": "select_multiple needs",
        "people_in_the_team": "integer",
        "e_mail": "text",
    }
    landed = land(load_round(folder(tmp_path, "2024") / "round.yml"), tmp_path / "landing")
    assert (landed.rows_in, landed.responses_n, landed.rejected_answers_n) == (9, 9, 0)
    assert landed.answers_n == 9 + 9 + 9 + (9 + 4) + 9


def test_the_card_says_what_was_told_from_the_file(tmp_path: Path) -> None:
    scaffold(tmp_path, "2024", FIRST.replace(",", ";").replace("Money; Staff", "Money"), **KNOWN)
    card = load_round(folder(tmp_path, "2024") / "round.yml")
    assert (card.platform, card.extract, card.delimiter, card.encoding) == (
        "delimited", ("export 2024.csv",), ";", "utf-8",
    )  # fmt: skip
    assert (card.expected_responses, card.rejected_share_limit, card.synthetic) == (9, 0.05, True)
    assert len(card.sha256[0]) == 64


def test_what_only_a_person_knows_is_asked_for_and_refused_until_it_is_said(tmp_path: Path) -> None:
    found = scaffold(tmp_path, "2024", FIRST, title="Survey")
    asked = ["producer", "fieldwork_start", "fieldwork_end", "licence", "citation", "synthetic"]
    assert [remark.split(":")[0].removeprefix("round.yml, ") for remark in found.remarks] == asked
    path = folder(tmp_path, "2024") / "round.yml"
    with pytest.raises(CodebookError) as error:
        load_round(path)
    assert [problem.column for problem in error.value.problems] == asked
    assert error.value.problems[-1].reason == "synthetic is not filled in yet"
    assert error.value.problems[-1].remedy.startswith("write true if the answers were made up")
    values = yaml.safe_load(path.read_text()) | KNOWN
    path.write_text(yaml.safe_dump(values))
    assert load_round(path).producer == "Somebody"


def test_a_second_round_takes_over_codes_choices_and_cards(tmp_path: Path) -> None:
    scaffold(tmp_path, "2024", FIRST, **KNOWN)
    found = scaffold(tmp_path, "2025", SECOND, title="Second")
    assert found.problems == ()
    codebook = load_codebook(folder(tmp_path, "2025"))
    assert list(codebook.by_name) == [
        "response_id", "city", "is_there_a_plan", "needs", "people_in_the_team", "e_mail", "budget",
    ]  # fmt: skip
    plan = codebook.choices_of(codebook.by_name["is_there_a_plan"])
    assert [(choice.name, choice.label) for choice in plan] == [("yes", "Yes"), ("not_yet", "Not yet"), ("no", "No")]
    needs = codebook.choices_of(codebook.by_name["needs"])
    assert [choice.name for choice in needs] == ["staff", "money", "advice"]
    rows = load_crosswalk(folder(tmp_path, "2025") / "crosswalk.csv").rows
    assert [(row.question_code, row.earlier_code, row.verdict, row.basis, row.note) for row in rows[2:]] == [
        ("is_there_a_plan", "is_there_a_plan", "new scale", "same text", "choices added: no"),
        ("needs", "needs", "new scale", "same text", "choices added: advice"),
        ("people_in_the_team", "people_in_the_team", "reworded", "near text", ""),
        ("e_mail", "e_mail", "same", "same text", ""),
        ("budget", "", "new", "", ""),
    ]
    assert not any(row.is_confirmed for row in rows)
    assert [remark for remark in found.remarks if "taken over" in remark] == [
        "round.yml, producer: taken over from 2024: Somebody",
        "round.yml, licence: taken over from 2024: CC-BY-4.0",
        "round.yml, rejected_share_limit: taken over from 2024: 0.05",
    ]


def test_a_new_question_never_gets_the_code_of_an_earlier_one(tmp_path: Path) -> None:
    scaffold(tmp_path, "2023", FIRST.replace("People in the team", "Budget"), **KNOWN)
    scaffold(tmp_path, "2024", FIRST, **KNOWN)
    scaffold(tmp_path, "2025", SECOND, **KNOWN)
    codes = question_types(folder(tmp_path, "2025"))
    assert "budget" not in codes
    assert codes["budget_2"] == "decimal"


def test_a_column_that_is_empty_this_year_keeps_its_type_and_choices(tmp_path: Path) -> None:
    scaffold(tmp_path, "2024", FIRST, **KNOWN)
    scaffold(tmp_path, "2025", FIRST.replace("Not yet", "").replace("Yes", ""), **KNOWN)
    path = folder(tmp_path, "2025")
    assert question_types(path)["is_there_a_plan"] == "select_one is_there_a_plan"
    assert {row.verdict for row in load_crosswalk(path / "crosswalk.csv").rows} == {"same"}


def test_nothing_is_overwritten_and_a_deleted_file_is_proposed_anew(tmp_path: Path) -> None:
    scaffold(tmp_path, "2024", FIRST, **KNOWN)
    path = folder(tmp_path, "2024")
    card = (path / "round.yml").read_text()
    (path / "questions.csv").unlink()
    (path / "choices.csv").write_text("edited")
    again = NewRound("x", "2024")
    found = new_round(tmp_path / "seeds", again)
    assert [written.name for written in found.written] == ["questions.csv", "choices.csv"]
    assert (path / "round.yml").read_text() == card
    assert new_round(tmp_path / "seeds", again).written == ()
    with pytest.raises(CodebookError, match="the round has its source card already"):
        scaffold(tmp_path, "2024", FIRST, **KNOWN)


def test_a_codebook_that_is_there_is_used(tmp_path: Path) -> None:
    asked = [question("text", "id", "Response ID", role="response_id"), question("select_one yn", "plan", "Plan")]
    write_codebook(folder(tmp_path, "2024"), asked, choices("yn", y="Yes", n="No"))
    found = scaffold(tmp_path, "2024", "Response ID,Plan\nr1,Yes\n", **KNOWN)
    assert [path.name for path in found.written] == ["export 2024.csv", "round.yml"]
    assert list(load_codebook(folder(tmp_path, "2024")).by_name) == ["id", "plan"]


def test_a_reused_code_of_an_imported_codebook_is_told_after_writing(tmp_path: Path) -> None:
    scaffold(tmp_path, "2024", FIRST, **KNOWN)
    asked = [
        question("text", "id", "Response ID", role="response_id"),
        question("text", "people_in_the_team", "Favourite colour"),
    ]
    write_codebook(folder(tmp_path, "2025"), asked)
    found = scaffold(tmp_path, "2025", "Response ID,Favourite colour\nr1,red\n", **KNOWN)
    assert [path.name for path in found.written][-1] == "crosswalk.csv"
    (problem,) = found.problems
    assert "'Favourite colour' here, 'People in the team' there" in problem.reason


def test_the_round_to_match_with_can_be_named(tmp_path: Path) -> None:
    for name in ("2023", "2024"):
        scaffold(tmp_path, name, FIRST, **KNOWN)
    (tmp_path / "e.csv").write_text(FIRST)
    wanted = NewRound("x", "2025", (str(tmp_path / "e.csv"),), like="2023", values=KNOWN)
    new_round(tmp_path / "seeds", wanted)
    rows = load_crosswalk(folder(tmp_path, "2025") / "crosswalk.csv").rows
    assert {row.earlier_round for row in rows} == {"2023"}
    with pytest.raises(CodebookError, match=r"no other round '2020'. To do: name one of 2023, 2024, 2025"):
        new_round(tmp_path / "seeds", NewRound("x", "2026", ("e.csv",), like="2020"))


def test_several_files_are_one_round_if_they_have_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\na,1\n")
    (tmp_path / "b.csv").write_text("id,n\nb,2.5\n")
    (tmp_path / "c.csv").write_text("id,m\nc,3\n")
    files = tuple(str(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv"))
    with pytest.raises(ExtractError, match=r"c\.csv, row 1: its columns are not those of the first file"):
        new_round(tmp_path / "seeds", NewRound("x", "2024", files, values=KNOWN))
    assert not (tmp_path / "seeds" / "rounds" / "x").exists()
    new_round(tmp_path / "seeds", NewRound("x", "2024", files[:2], values=KNOWN))
    card = load_round(folder(tmp_path, "2024") / "round.yml")
    assert (card.extract, card.expected_responses, len(card.sha256)) == (("a.csv", "b.csv"), 2, 2)
    assert question_types(folder(tmp_path, "2024")) == {"id": "text", "n": "decimal"}


@pytest.mark.parametrize(
    ("text", "reason"), [("", "the file is empty"), (",n\n1,2\n", "row 1, column 1: the column has no header")]
)
def test_an_extract_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason) as error:
        scaffold(tmp_path, "2024", text, **KNOWN)
    assert error.value.problems[0].file == str(tmp_path / "export 2024.csv")
    assert not (tmp_path / "seeds" / "rounds" / "x").exists()


def test_a_missing_file_and_a_bad_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="there is no such file"):
        new_round(tmp_path, NewRound("x", "2024", ("gone.csv",)))
    with pytest.raises(CodebookError, match=r"'20/24' cannot name a round"):
        new_round(tmp_path, NewRound("x", "20/24", ("gone.csv",)))
    with pytest.raises(CodebookError, match="name its extract in the command"):
        new_round(tmp_path, NewRound("x", "2024"))


def test_a_round_without_a_column_that_identifies_responses_is_told(tmp_path: Path) -> None:
    found = scaffold(tmp_path, "2024", "City,Plan\nA,Yes\nA,No\n", **KNOWN)
    (problem,) = found.problems
    assert "a plain file needs a question that identifies a response" in problem.reason


def test_a_platform_without_reader_is_told_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(FIRST)
    wanted = NewRound("x", "2024", (str(tmp_path / "e.csv"),), platform="typeform", values=KNOWN)
    with pytest.raises(ExtractError, match=r"no reader for platform 'typeform'. To do: name another by --platform: "):
        new_round(tmp_path / "seeds", wanted)
