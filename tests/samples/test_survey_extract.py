"""The shape of both extracts of the survey, and answers that keep the promises of the codebook."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from typing import Any

import pytest

from orchestration.rounds.codings import text_hash
from samples.texts import WANTED_SERVICES
from tests.samples.extracts import Extract, read_csv

METADATA = ["Invitation Number", "Contribution Id", "User Name", "Creation Date", "Last Update", "Languages"]


@pytest.fixture(params=["survey", "second"])
def either(request: pytest.FixtureRequest) -> Extract:
    extract: Extract = request.getfixturevalue(request.param)
    return extract


def test_sheet_has_preamble_header_and_62_rows(survey: Extract) -> None:
    assert list(survey.sheets) == ["Content"]
    sheet = survey.sheets["Content"]
    assert sheet[0][0] == "Alias"
    assert sheet[1][0] == "Export Date"
    assert isinstance(sheet[1][1], date)
    assert set(sheet[2]) == {""}
    assert len(survey.rows) == 62


def test_header_is_the_codebook_and_the_platform_columns(either: Extract) -> None:
    expected = [f"{q['matrix']}: {q['label']}" if q["matrix"] else q["label"] for q in either.questions]
    assert either.header == expected + METADATA
    assert len(set(either.header)) == len(either.header)


def test_every_question_is_answered_by_someone_and_no_choice_is_unknown(either: Extract) -> None:
    for question in either.questions:
        answers = [row[question["name"]] for row in either.rows if row[question["name"]] != ""]
        assert answers, question["name"]
        kind, _, list_name = question["type"].partition(" ")
        if kind == "select_one":
            assert set(answers) <= set(either.choices[list_name].values()), question["name"]
        if kind == "select_multiple":
            mentioned = {label for answer in answers for label in answer.split("; ")}
            assert mentioned <= set(either.choices[list_name].values()), question["name"]


def test_required_answers_are_given_and_irrelevant_ones_are_not(either: Extract) -> None:
    lists = {q["name"]: q["type"].partition(" ")[2] for q in either.questions}
    for question in either.questions:
        for row in either.rows:
            answer = row[question["name"]]
            assert answer != "" or question["required"] != "yes", question["name"]
            match = re.fullmatch(r"\$\{(\w+)\} = '(\w+)'", question["relevant"])
            if match and answer != "":
                other, choice = match.groups()
                assert row[other] == either.choices[lists[other]][choice], question["name"]


def test_numbers_keep_their_constraints(either: Extract) -> None:
    for question in either.questions:
        low = re.search(r">= (-?\d+)", question["constraint"])
        high = re.search(r"<= (-?\d+)", question["constraint"])
        for row in either.rows if low and high else []:
            answer = row[question["name"]]
            assert answer == "" or int(low[1]) <= answer <= int(high[1]), question["name"]  # type: ignore[index]


def test_free_text_carries_entities_and_other_alphabets(either: Extract) -> None:
    texts = [row[q["name"]] for q in either.questions if q["type"] == "text" for row in either.rows]
    joined = " ".join(texts)
    assert all(entity in joined for entity in ("&amp;", "&lt;", "&quot;", "&eacute;"))
    assert any(ord(letter) > 127 for letter in joined)
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|eacute;|#39;)", joined)


def test_personal_answers_are_recognisably_invented(either: Extract) -> None:
    for row in either.rows:
        assert re.fullmatch(r"Respondent \d\d", row["respondent_name"])
        assert re.fullmatch(r"respondent\d\d@city\.invalid", row["respondent_email"])
        assert row["User Name"].endswith(".invalid")


def test_contributions_are_unique_and_in_order_of_submission_within_the_fieldwork(survey: Extract) -> None:
    rows: list[dict[str, Any]] = survey.rows
    assert len({row["Contribution Id"] for row in rows}) == 62
    created = [row["Creation Date"] for row in rows]
    assert created == sorted(created)
    assert all(datetime(2024, 4, 11) <= day < datetime(2024, 5, 18) for day in created)
    assert all(row["Creation Date"] <= row["Last Update"] for row in rows)


def test_each_text_on_wanted_services_is_coded_as_what_it_was_made_from(either: Extract) -> None:
    codings = {row["response_id"]: row for row in read_csv(either.folder / "codings.csv")}
    texts = {row["Contribution Id"]: html.unescape(row["wanted_services"]) for row in either.rows}
    assert codings.keys() == {response for response, text in texts.items() if text}
    for response, row in codings.items():
        assert row["text_hash"] == text_hash(texts[response])
        said = {code for code, wishes in WANTED_SERVICES.items() if any(wish in texts[response] for wish in wishes)}
        assert said == set(row["codes"].split())
