from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.readers.limesurvey_csv import own_columns
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
from tests.orchestration.readers.platforms import limesurvey_text as export

QUESTIONS: Sequence[Row] = (
    question("select_one target", "target", "Is there a target?", source="q1"),
    question("text", "target_other", "Which other target?", source="q1[other]"),
    question("select_multiple support", "support", "Which support?", source="q2"),
    question("text", "support_other", "Which other support?", source="q2[other]"),
    question("integer", "population", "Inhabitants", source="q3"),
    question("date", "adopted", "Adopted on", source="q4"),
    question("select_one scale", "need_money", "Money", matrix="How pressing?", source="q5[SQ001]"),
    question("select_one scale", "need_staff", "Staff", matrix="How pressing?", source="q5[SQ002]"),
    question("select_one scale", "now", "Heat [now]", matrix="Risks", source="q6[SQ001][1]"),
    question("select_one scale", "later", "Heat [later]", matrix="Risks", source="q6[SQ001][2]"),
    question("text", "remark", "Anything else?", source="q7"),
)
SOURCES = {
    "existing": "A1",
    "none": "A2",
    "other": "-oth-",
    "money": "SQ001",
    "advice": "SQ002",
    "low": "1",
    "high": "2",
}
CHOICES: Sequence[Row] = [
    {**row, "source": SOURCES[row["name"]]}
    for row in (
        *choices("target", existing="Existing", none="No target", other="Other"),
        *choices("support", money="Money", advice="Advice; training"),
        *choices("scale", low="Low", high="High"),
    )
]
CODES = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr",
    "q1", "q1[other]", "q2[SQ001]", "q2[SQ002]", "q2[other]", "q3", "q4", "q5[SQ001]", "q5[SQ002]",
    "q6[SQ001][1]", "q6[SQ001][2]", "q7",
)  # fmt: skip
FULL = (
    "Response ID", "Date submitted", "Last page", "Start language", "Seed", "Access code", "Date started",
    "Date last action", "IP address", "Is there a target?", "Is there a target? [Other]", "Which support? [Money]",
    "Which support? [Advice; training]", "Which support? [Other]", "Inhabitants", "Adopted on",
    "How pressing? [Money]", "How pressing? [Staff]", "Risks [Heat [now]]", "Risks [Heat [later]]", "Anything else?",
)  # fmt: skip
FIRST = (
    "7", "2024-05-02 10:11:12", "3", "fr", "1234", "tok-ada", "2024-05-02 10:00:00", "2024-05-02 10:11:12",
    "10.0.0.7", "A1", "", "Y", "", "", "42", "2024-01-31 00:00:00", "1", "2", "1", "2", 'Two\nlines, "quoted"',
)  # fmt: skip
SECOND = (
    "9", "", "1", "en", "99", "tok-bob", "2024-05-03 10:00:00", "2024-05-03 10:01:00", "10.0.0.8", "-oth-", "A wish",
    "", "Y", "a van", "", "", "", "", "", "", "N/A",
)  # fmt: skip


def delivered(
    folder: Path, content: str, questions: Sequence[Row] = QUESTIONS, choice_rows: Sequence[Row] = CHOICES, **card: Any
) -> RoundCard:
    return deliver(folder, questions, choice_rows, content.encode(), platform="limesurvey_csv", **card)


EXPECTED = [
    ("7", "target", "existing"),
    ("7", "support", "money"),
    ("7", "population", 42.0),
    ("7", "adopted", date(2024, 1, 31)),
    ("7", "need_money", "low"),
    ("7", "need_staff", "high"),
    ("7", "now", "low"),
    ("7", "later", "high"),
    ("7", "remark", 'Two\nlines, "quoted"'),
    ("9", "target", "other"),
    ("9", "target_other", "A wish"),
    ("9", "support", "advice"),
    ("9", "support_other", "a van"),
    ("9", "remark", "N/A"),
]


def test_codes_as_headings_and_answers(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST, SECOND)))
    assert answers(result) == EXPECTED
    assert result.rejected.num_rows == 0
    assert records(result.responses, "response_id", "respondent_id", "status", "language", "source_row") == [
        ("7", "7", "complete", "fr", 2),
        ("9", "9", "incomplete", "en", 4),
    ]
    assert records(result.responses, "submitted_at", "updated_at") == [
        (datetime(2024, 5, 2, 10, 11, 12), datetime(2024, 5, 2, 10, 11, 12)),
        (None, datetime(2024, 5, 3, 10, 1)),
    ]


def test_an_answer_says_its_row_and_column(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST)))
    assert records(result.answers, "question_code", "source_row", "source_column")[:2] == [
        ("target", 2, 10),
        ("support", 2, 12),
    ]


def test_what_is_not_landed_is_told(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export((*CODES, "interviewtime"), (*FIRST, "612.5"))))
    file = tmp_path / "city" / "2024" / "extract.csv"
    names = "lastpage, seed, token, startdate, ipaddr, interviewtime"
    assert result.notes[1:] == (f"{file}: not landed, LimeSurvey's own columns {names}",)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param([f"{code}. {text}" for code, text in zip(CODES, FULL, strict=True)], id="code and text"),
        pytest.param([code.replace("[", "_").replace("]", "") for code in CODES], id="underscores"),
        pytest.param([code.replace("][1]", "#0]").replace("][2]", "#1]") for code in CODES], id="scales from 0"),
    ],
)
def test_other_kinds_of_headings_mean_the_same(tmp_path: Path, header: list[str]) -> None:
    if "q6_SQ001_1" in header:
        header = [{"q6_SQ001_1": "q6_SQ001_0", "q6_SQ001_2": "q6_SQ001_1"}.get(name, name) for name in header]
    assert answers(read_round(delivered(tmp_path / "city" / "2024", export(header, FIRST, SECOND)))) == EXPECTED


def test_texts_alone_as_headings_need_labels_as_the_file_has_them(tmp_path: Path) -> None:
    labels = {"target_other": "Is there a target? [Other]", "support_other": "Which support? [Other]"}
    questions = [{**row, "label": labels.get(row["name"], row["label"]), "source": ""} for row in QUESTIONS]
    card = delivered(tmp_path / "city" / "2024", export(FULL, FIRST, SECOND), questions)
    assert answers(read_round(card)) == EXPECTED


def test_full_answers_mean_the_same_as_codes(tmp_path: Path) -> None:
    first = list(FIRST)
    first[9:19] = "Existing", "", "Yes", "No", "", "42.0", "2024-01-31", "Low", "High", "Low"
    second = list(SECOND)
    second[9:14] = "Other", "A wish", "N/A", "Yes", "a van"
    full = [[*first[:19], "High", first[20]], second]
    assert answers(read_round(delivered(tmp_path / "city" / "2024", export(CODES, *full)))) == EXPECTED


def test_a_semicolon_as_delimiter(tmp_path: Path) -> None:
    content = export(CODES, FIRST, SECOND, delimiter=";")
    assert answers(read_round(delivered(tmp_path / "city" / "2024", content, delimiter="';'"))) == EXPECTED


def test_without_the_column_of_submission_every_response_is_complete(tmp_path: Path) -> None:
    rows = [(row[0], *row[2:]) for row in (CODES, FIRST, SECOND)]
    result = read_round(delivered(tmp_path / "city" / "2024", export(*rows)))
    assert records(result.responses, "status", "submitted_at") == [("complete", None)] * 2


def test_the_date_of_a_survey_without_dates_is_no_date(tmp_path: Path) -> None:
    first = [FIRST[0], "1980-01-01 00:00:00", *FIRST[2:]]
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, first)))
    assert records(result.responses, "status", "submitted_at") == [("complete", None)]


def test_a_yes_no_question_that_was_not_shown_has_no_answer(tmp_path: Path) -> None:
    first = [*FIRST[:9], "N/A", *FIRST[10:14], "N/A", *FIRST[15:]]
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, first)))
    assert [code for _, code, _ in answers(result)][:2] == ["support", "adopted"]
    assert result.rejected.num_rows == 0


def test_a_choice_named_na_is_a_choice(tmp_path: Path) -> None:
    rows = [{**row, "label": "N/A"} if row["name"] == "none" else row for row in CHOICES]
    first = [*FIRST[:9], "N/A", *FIRST[10:]]
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, first), choice_rows=rows))
    assert answers(result)[0] == ("7", "target", "none")


def test_an_unknown_code_is_rejected_with_its_place(tmp_path: Path) -> None:
    first = [*FIRST[:9], "A9", "", "maybe", *FIRST[12:]]
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, first)))
    assert records(result.rejected, "question_code", "source_row", "source_column", "reason_code", "raw") == [
        ("target", 2, 10, "unknown_choice", "A9"),
        ("support", 2, 12, "unknown_choice", "maybe"),
    ]
    assert result.rejected["reason"].to_pylist()[1] == (
        "'maybe' does not say whether 'Money' was chosen. To do: write it into `ticked` or `not_ticked` of round.yml, "
        "or correct the cell at its source."
    )


def test_a_column_too_many_rejects_the_row_and_withholds_tokens_and_addresses(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST, [*SECOND, "more"])))
    assert records(result.rejected, "scope", "source_row", "reason_code") == [("row", 4, "wrong_field_count")]
    raw = result.rejected["raw"].to_pylist()[0]
    assert json.loads(raw)["withheld"] == "the round has personal columns"
    assert "tok-bob" not in raw and "10.0.0.8" not in raw


def test_a_row_without_id_is_rejected_without_its_token(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST, ["", *SECOND[1:]])))
    assert records(result.rejected, "scope", "source_row", "reason_code") == [("row", 4, "missing_response_id")]
    raw = result.rejected["raw"].to_pylist()[0]
    assert "A wish" in raw and "tok-bob" not in raw and "10.0.0.8" not in raw


def test_an_id_that_occurs_again_is_a_further_submission(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST, ["7", *SECOND[1:]])))
    assert records(result.responses, "response_id", "respondent_id") == [("7", "7"), ("7#2", "7")]


def test_a_file_without_ids_names_responses_by_row_and_says_so(tmp_path: Path) -> None:
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES[9:], FIRST[9:], SECOND[9:])))
    assert result.responses["response_id"].to_pylist() == ["row 2", "row 4"]
    file = tmp_path / "city" / "2024" / "extract.csv"
    assert result.notes[1:] == (f"{file}: no column id: a response is named by its row",)


@pytest.mark.parametrize("header", [(), ("",)], ids=["no ids", "row numbers"])
def test_rows_of_one_number_in_two_files_without_ids_are_two_responses(tmp_path: Path, header: tuple[str, ...]) -> None:
    number = ("1",) * len(header)
    folder = tmp_path / "city" / "2024"
    first, second = (export((*header, *CODES[9:]), (*number, *row[9:])) for row in (FIRST, SECOND))
    card = delivered(folder, first)
    (folder / "more.csv").write_text(second, encoding="utf-8")
    result = read_round(card.model_copy(update={"extract": ("extract.csv", "more.csv")}))
    own = "1" if header else "row 2"
    assert records(result.responses, "response_id", "respondent_id") == [
        (own, own),
        ("more.csv row 2", "more.csv row 2"),
    ]
    assert [answer[1:] for answer in answers(result)] == [answer[1:] for answer in EXPECTED]


@pytest.mark.parametrize(("cell", "chosen"), [("No", []), ("N", []), ("0", []), ("Yes", ["no"]), ("Y", ["no"])])
def test_a_choice_that_is_called_no_is_chosen_only_where_its_column_says_yes(
    tmp_path: Path, cell: str, chosen: Sequence[str]
) -> None:
    questions = [question("select_multiple agreed", "agreed", "Who agreed?", source="q1")]
    listed = [{**row, "source": row["name"]} for row in choices("agreed", no="No", mayor="Mayor")]
    content = export(("id", "q1[no]", "q1[mayor]"), ("7", cell, ""))
    result = read_round(delivered(tmp_path / "city" / "2024", content, questions, listed))
    assert [choice for _, _, choice in answers(result)] == chosen
    assert result.rejected.num_rows == 0


def test_the_role_response_id_goes_before_the_column_id(tmp_path: Path) -> None:
    questions = [*QUESTIONS, question("text", "token", "Access code", role="response_id", source="token")]
    result = read_round(delivered(tmp_path / "city" / "2024", export(CODES, FIRST), questions))
    assert result.responses["response_id"].to_pylist() == ["tok-ada"]


def test_missing_and_extra_questions_are_told_at_once(tmp_path: Path) -> None:
    header = ["q8" if name == "q3" else name for name in CODES]
    assert problems(delivered(tmp_path / "city" / "2024", export(header, FIRST))) == [
        "row 1, column 'Inhabitants': the column of question population is missing. To do: export all questions, with "
        "question codes as headings.",
        "row 1, column 15 ('q8'): the column is not in the codebook; nearest label: 'q7' (question remark). To do: add "
        "the question to questions.csv, or delete the column.",
    ]


def test_a_missing_column_of_one_choice_is_told(tmp_path: Path) -> None:
    rows = [(*row[:12], *row[13:]) for row in (CODES, FIRST)]
    assert problems(delivered(tmp_path / "city" / "2024", export(*rows))) == [
        "row 1, column 'Which support? [Advice; training]': the column of question support, choice advice is missing. "
        "To do: export all questions, with question codes as headings."
    ]


def test_a_repeated_column_is_told(tmp_path: Path) -> None:
    assert problems(delivered(tmp_path / "city" / "2024", export((*CODES, "q3"), (*FIRST, "43")))) == [
        "row 1, column 22 ('q3'): the column is repeated: column 15 has the same header. To do: delete the repetition, "
        "or give it a question of its own in questions.csv."
    ]


def test_another_delimiter_is_told(tmp_path: Path) -> None:
    delivery = delivered(tmp_path / "city" / "2024", export(CODES, FIRST, delimiter=";"), delimiter="','")
    told = problems(delivery)
    assert told == [
        "row 1: no header here: ',' expected after '\"'. To do: write `delimiter: ';'` in round.yml: the row has 20 of "
        "them and no ','."
    ]


def test_a_header_without_responses_is_told(tmp_path: Path) -> None:
    assert problems(delivered(tmp_path / "city" / "2024", export(CODES))) == [
        "row 1: the file has a header, but no response. To do: export it again and replace the file."
    ]


@pytest.mark.parametrize("code", ["seed", "email", "token", "lastname", "datestamp"])
def test_a_question_may_have_the_name_of_a_column_of_the_platform(code: str) -> None:
    fields = ("id", "submitdate", "startlanguage", "token", "city", code, "traveltime", "firstname", "interviewtime")
    own = own_columns(fields)
    assert own.keys() - {"token"} == {"id", "submitdate", "startlanguage", "firstname", "interviewtime"}
    assert fields.index("city") + 1 not in own.values()


@pytest.mark.parametrize("field", ["Question time per week?", "Group time", "xTime", "lunchtime", "Time of travel"])
def test_what_speaks_of_time_is_a_question(field: str) -> None:
    assert own_columns(("id", "city", field, "cityTime")) == {"id": 0, "citytime": 3}
