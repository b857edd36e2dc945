from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.rounds.card import check_fits, load_round, load_rounds
from orchestration.rounds.codebook import CodebookError, Constraint, Relevant, load_codebook
from orchestration.rounds.platforms import PLATFORMS
from tests.orchestration.readers.deliveries import (
    CHOICES,
    QUESTIONS,
    Row,
    choices,
    question,
    with_platform_id,
    write_card,
    write_codebook,
)

YES_NO = choices("yes_no", yes="Yes", no="No")


def _round_folder(tmp_path: Path) -> Path:
    return tmp_path / "rounds" / "nmc_survey" / "2024"


def _card_error(tmp_path: Path, **values: Any) -> str:
    with pytest.raises(CodebookError) as error:
        load_round(write_card(_round_folder(tmp_path), **values))
    return str(error.value)


def _codebook_error(tmp_path: Path, questions: Sequence[Row], choice_rows: Sequence[Row] = YES_NO) -> str:
    write_codebook(tmp_path, questions, choice_rows)
    with pytest.raises(CodebookError) as error:
        load_codebook(tmp_path)
    return str(error.value)


def test_a_card_knows_its_round_from_its_folder(tmp_path: Path) -> None:
    card = load_round(write_card(_round_folder(tmp_path), title=2024, sha256="ab" * 32, delimiter="';'"))
    assert (card.key, card.instrument, card.round) == ("nmc_survey.2024", "nmc_survey", "2024")
    assert (card.extract, card.sha256) == (("extract.csv",), ("ab" * 32,))
    assert (card.title, card.fieldwork_start, card.synthetic) == ("2024", date(2024, 4, 11), True)
    assert (card.encoding, card.delimiter, card.note) == ("", ";", "")
    with pytest.raises(ValueError, match="frozen"):
        card.title = "another"


def test_what_is_not_known_of_a_round_is_said_not_left_out(tmp_path: Path) -> None:
    card = load_round(write_card(_round_folder(tmp_path), expected_responses="", fieldwork_start="", fieldwork_end=""))
    assert (card.expected_responses, card.fieldwork_start, card.fieldwork_end) == (None, None, None)
    assert "column expected_responses: the key is missing" in _card_error(tmp_path, expected_responses=None)


@pytest.mark.parametrize(
    ("values", "place", "reason"),
    [
        pytest.param(
            {"expected_response": 62},
            "row 12, column expected_response",
            "'expected_responses'",
            id="unknown_key",
        ),
        pytest.param({"licence": None}, "column licence", "the key is missing", id="missing_key"),
        pytest.param({"platform": "typeform"}, "row 3, column platform", "no reader for platform", id="platform"),
        pytest.param({"sha256": "abc"}, "column sha256", "64 hexadecimal digits", id="sha256"),
        pytest.param({"rejected_share_limit": 5}, "column rejected_share_limit", "less than or equal", id="limit"),
        pytest.param({"fieldwork_start": "May"}, "row 5, column fieldwork_start", "valid date", id="no_date"),
        pytest.param({"fieldwork_end": "2023-01-01"}, "round.yml", "is before fieldwork_start", id="dates_exchanged"),
        pytest.param({"extract": "../other.csv"}, "column extract", "without folders", id="extract_elsewhere"),
        pytest.param({"encoding": "utf-9"}, "column encoding", "no such text encoding", id="encoding"),
        pytest.param({"delimiter": "';;'"}, "column delimiter", "at most 1", id="delimiter"),
        pytest.param({"round": 2024}, "column round", "the folder says this", id="folder_said_twice"),
        pytest.param({"note": "a: b: c"}, "row 12", "not YAML", id="not_yaml"),
        pytest.param({"note": "!!python/name:os.system"}, "row 12, column note", "cannot be read", id="yaml_tag"),
        pytest.param({"note": "!secret x"}, "row 12, column note", "cannot be read", id="yaml_own_tag"),
        pytest.param({"note": "&a [*a]"}, "row 12, column note", "", id="yaml_list_of_itself"),
        pytest.param({"note": "[" * 5000}, "", "not YAML", id="yaml_too_deep"),
        pytest.param({"note": "1" * 5000}, "row 12, column note", "cannot be read", id="yaml_long_number"),
        pytest.param({"fieldwork_start": "2024-02-30"}, "column fieldwork_start", "cannot be read", id="no_such_day"),
        pytest.param({"? [a, b]": "x"}, "", "no key stands here", id="yaml_list_as_key"),
    ],
)
def test_bad_card_is_refused(tmp_path: Path, values: dict[str, Any], place: str, reason: str) -> None:
    message = _card_error(tmp_path, **values)
    assert "nmc_survey/2024/round.yml" in message
    assert place in message
    assert reason in message
    assert "To do: " in message


@pytest.mark.parametrize("key", ["no", "~", "on", "2024", "1.50", "2024-01-01"])
def test_a_key_is_told_as_it_stands(tmp_path: Path, key: str) -> None:
    assert f"row 12, column {key}: no such key is known" in _card_error(tmp_path, **{key: "3"})


def test_every_fault_of_a_card_is_told_at_once(tmp_path: Path) -> None:
    message = _card_error(tmp_path, licence=None, producer=None, nonsense=1)
    assert all(key in message for key in ("licence", "producer", "nonsense"))


def test_placeholders_are_refused_each_with_what_it_asks_for(tmp_path: Path) -> None:
    values = {"title": "'FILL IN: what the survey is called'", "synthetic": "FILL IN", "platform": "typeform"}
    with pytest.raises(CodebookError) as error:
        load_round(write_card(_round_folder(tmp_path), **values))
    assert [(problem.column, problem.reason) for problem in error.value.problems] == [
        ("platform", "no reader for platform 'typeform'"),
        ("title", "title is not filled in yet"),
        ("synthetic", "synthetic is not filled in yet"),
    ]
    assert [problem.remedy for problem in error.value.problems[1:]] == [
        "write what the survey is called",
        "write the value",
    ]


def test_a_repeated_key_is_refused(tmp_path: Path) -> None:
    path = write_card(_round_folder(tmp_path))
    path.write_text(path.read_text() + "title: again\n")
    with pytest.raises(CodebookError, match="column title: the key stands on line 1 already"):
        load_round(path)


def test_rounds_are_found_and_sorted(tmp_path: Path) -> None:
    for name in ("nmc_survey/2024", "eoi/2021", "nmc_survey/2023"):
        write_card(tmp_path / "rounds" / name)
    assert [card.key for card in load_rounds(tmp_path)] == ["eoi.2021", "nmc_survey.2023", "nmc_survey.2024"]


def test_faults_of_all_cards_are_told_at_once(tmp_path: Path) -> None:
    write_card(tmp_path / "rounds/eoi/2021", licence=None)
    write_card(tmp_path / "rounds/nmc_survey/2024", title=None)
    write_codebook(tmp_path / "rounds/nmc_survey/2025", QUESTIONS, CHOICES)
    with pytest.raises(CodebookError) as error:
        load_rounds(tmp_path)
    assert len(error.value.problems) == 3
    assert "2025/round.yml: the codebook has no source card" in str(error.value)


def test_seeds_without_a_round_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"no round is found here.*NEEDS_SEEDS"):
        load_rounds(tmp_path)


def test_a_codebook_is_read_as_it_is_written(tmp_path: Path) -> None:
    write_codebook(tmp_path, QUESTIONS, [*CHOICES[::-1]])
    codebook = load_codebook(tmp_path)
    assert [q.name for q in codebook.questions] == [row["name"] for row in QUESTIONS]
    assert codebook.by_name["support"].relevant == Relevant("target", "existing")
    assert codebook.by_name["population"].constraint == Constraint(1, 1000000)
    assert codebook.by_name["share"].constraint == Constraint(0, None)
    assert codebook.by_name["need"].header == "How pressing are these needs?: Finance"
    assert [c.name for c in codebook.choices_of(codebook.by_name["target"])] == [
        "existing",
        "planned",
        "none",
    ]
    assert codebook.choices_of(codebook.by_name["city"]) == ()
    assert codebook.with_role("response_id") is codebook.by_name["code"]
    assert codebook.with_role("country") is None
    assert "respondent" not in {q.name for q in codebook.landed_questions}


def test_a_question_may_have_several_roles(tmp_path: Path) -> None:
    write_codebook(tmp_path, [question("text", "city", "City", role="response_id city_name")])
    assert load_codebook(tmp_path).by_name["city"].roles == ("response_id", "city_name")


Q = question


@pytest.mark.parametrize(
    ("questions", "place", "reason"),
    [
        pytest.param([Q("txt", "a", "A")], "row 2, column type", "unknown type 'txt'", id="unknown_type"),
        pytest.param([Q("", "a", "A")], "row 2, column type", "unknown type ''", id="no_type"),
        pytest.param([Q("text yes_no", "a", "A")], "column type", "takes no list", id="text_with_list"),
        pytest.param(
            [Q("select_one", "a", "A")],
            "column type",
            "does not name one choice list",
            id="select_without_list",
        ),
        pytest.param(
            [Q("select_one yesno", "a", "A")],
            "row 2, column type",
            "has no choices",
            id="list_without_choices",
        ),
        pytest.param([Q("text", "a", "A"), Q("text", "a", "B")], "row 3, column name", "on line 2", id="repeated_name"),
        pytest.param([Q("text", "a b", "A")], "row 2, column name", "cannot name a question", id="bad_name"),
        pytest.param([Q("text", "a", " ")], "row 2, column label", "has no label", id="no_label"),
        pytest.param([Q("text", "a", "A", required="true")], "column required", "neither yes nor empty", id="required"),
        pytest.param([Q("text", "a", "A", is_personal="no")], "column is_personal", "neither yes", id="is_personal"),
        pytest.param(
            [Q("text", "a", "A", relevant="b = 1")], "column relevant", "cannot be read", id="relevant_syntax"
        ),
        pytest.param(
            [Q("text", "a", "A", relevant="${b} = 'x'")],
            "row 2, column relevant",
            "unknown question 'b'",
            id="relevant_unknown",
        ),
        pytest.param(
            [Q("text", "a", "A", relevant="${a} = 'x'")],
            "column relevant",
            "refers to itself",
            id="relevant_itself",
        ),
        pytest.param(
            [Q("text", "b", "B"), Q("text", "a", "A", relevant="${b} = 'x'")],
            "row 3, column relevant",
            "a text question",
            id="relevant_on_text",
        ),
        pytest.param(
            [Q("select_one yes_no", "b", "B"), Q("text", "a", "A", relevant="${b} = 'maybe'")],
            "row 3, column relevant",
            "'maybe' is no choice of b",
            id="relevant_unknown_choice",
        ),
        pytest.param(
            [
                Q("select_one yes_no", "b", "B", is_personal="yes"),
                Q("text", "a", "A", relevant="${b} = 'yes'"),
            ],
            "row 3, column relevant",
            "personal and dropped",
            id="relevant_on_personal",
        ),
        pytest.param(
            [Q("integer", "a", "A", constraint="> 3")],
            "column constraint",
            "cannot be read",
            id="constraint_syntax",
        ),
        pytest.param(
            [Q("integer", "a", "A", constraint=". >= 1 and . >= 2")],
            "column constraint",
            "cannot be read",
            id="constraint_twice",
        ),
        pytest.param(
            [Q("integer", "a", "A", constraint=". >= 9 and . <= 2")],
            "column constraint",
            "no number can",
            id="constraint_empty",
        ),
        pytest.param(
            [Q("text", "a", "A", constraint=". >= 1")],
            "column constraint",
            "cannot have bounds",
            id="constraint_on_text",
        ),
        pytest.param([Q("text", "a", "A", role="town")], "column role", "unknown role 'town'", id="unknown_role"),
        pytest.param(
            [Q("text", "a", "A", role="country"), Q("text", "b", "B", role="country")],
            "row 3, column role",
            "on line 2 has the role country",
            id="role_given_twice",
        ),
        pytest.param(
            [Q("text", "a", "A", role="country", is_personal="yes")],
            "column is_personal",
            "can have no role",
            id="personal_role",
        ),
        pytest.param(
            [Q("date", "a", "A", role="response_id")],
            "column type",
            "cannot identify a response",
            id="date_as_id",
        ),
        pytest.param([], "questions.csv, row 1", "no question", id="no_questions"),
    ],
)
def test_bad_question_is_refused(tmp_path: Path, questions: list[Row], place: str, reason: str) -> None:
    message = _codebook_error(tmp_path, questions)
    assert "questions.csv" in message
    assert place in message
    assert reason in message
    assert "To do: " in message


@pytest.mark.parametrize(
    ("rows", "place", "reason"),
    [
        pytest.param(
            [*YES_NO, {**YES_NO[0], "label": "Si", "position": "3"}],
            "row 4, column name",
            "'yes' stands",
            id="repeated_name",
        ),
        pytest.param(
            [*YES_NO, {**YES_NO[0], "name": "y", "position": "3"}],
            "row 4, column label",
            "'Yes' stands",
            id="repeated_label",
        ),
        pytest.param(
            [*YES_NO, {**YES_NO[0], "name": "y", "label": "Yes\u00a0", "position": "3"}],
            "row 4, column label",
            "'Yes' stands",
            id="label_that_only_looks_different",
        ),
        pytest.param(
            [*YES_NO, {**YES_NO[0], "name": "y", "label": "Y"}],
            "row 4, column position",
            "'1' stands",
            id="repeated_position",
        ),
        pytest.param(
            [{**YES_NO[0], "position": "first"}],
            "row 2, column position",
            "is not a position",
            id="bad_position",
        ),
        pytest.param([{**YES_NO[0], "name": "y es"}], "row 2, column name", "cannot name a choice", id="bad_name"),
        pytest.param(
            [{**YES_NO[0], "list_name": ""}],
            "row 2, column list_name",
            "cannot name a list",
            id="no_list_name",
        ),
        pytest.param([{**YES_NO[0], "label": ""}], "row 2, column label", "has no label", id="no_label"),
    ],
)
def test_bad_choice_is_refused(tmp_path: Path, rows: list[Row], place: str, reason: str) -> None:
    message = _codebook_error(tmp_path, [Q("text", "a", "A")], rows)
    assert "choices.csv" in message
    assert place in message
    assert reason in message
    assert "To do: " in message


def test_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    message = _codebook_error(tmp_path, [Q("txt", "a", "A"), Q("text", "b", "")], [{**YES_NO[0], "label": ""}])
    assert message.count("To do: ") == 3


def test_missing_and_extra_columns_are_named(tmp_path: Path) -> None:
    write_codebook(tmp_path, QUESTIONS, CHOICES)
    path = tmp_path / "questions.csv"
    path.write_text(path.read_text().replace("required", "requird", 1))
    (tmp_path / "choices.csv").unlink()
    with pytest.raises(CodebookError) as error:
        load_codebook(tmp_path)
    assert "row 1, column required: the column is missing" in str(error.value)
    assert "row 1, column 'requird': no such column is known" in str(error.value)
    assert "choices.csv: the file is missing" in str(error.value)


def test_a_plain_file_needs_a_response_id_and_a_platform_with_its_own_none(tmp_path: Path) -> None:
    folder = _round_folder(tmp_path)
    write_codebook(folder, with_platform_id(), CHOICES)
    check_fits(load_round(write_card(folder, platform="eusurvey_xlsx")), load_codebook(folder))
    with pytest.raises(CodebookError, match="needs a question that identifies a response"):
        check_fits(load_round(write_card(folder, platform="delimited")), load_codebook(folder))
    write_codebook(folder, QUESTIONS, CHOICES)
    with pytest.raises(CodebookError, match="has its own response id"):
        check_fits(load_round(write_card(folder, platform="eusurvey_xlsx")), load_codebook(folder))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_has_a_reader(platform: str) -> None:
    from importlib import import_module

    assert callable(import_module(f"orchestration.readers.{platform}").read)


@pytest.mark.parametrize(("code", "iso"), [("EL", "GR"), ("UK", "GB")])
def test_a_country_code_of_the_european_institutions_is_refused(tmp_path: Path, code: str, iso: str) -> None:
    asked = [question("select_one country", "country", "Country", role="country")]
    told = _codebook_error(tmp_path, asked, choices("country", **{code: "There", "IT": "Italy"}))
    assert f"{code} (There) is no ISO 3166-1 code" in told
    assert f"write {iso} as the name of that choice" in told
