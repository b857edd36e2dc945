from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.readers import spss_sav as spss
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
from tests.orchestration.readers.platforms import sav

QUESTIONS: Sequence[Row] = (
    question("text", "contact", "Your e-mail", is_personal="yes", source="MAIL"),
    question("integer", "response", "Number of the response", role="response_id", source="CASE"),
    question("select_one target", "target", "Is there a target?", source="Q1"),
    question("select_multiple support", "support", "Which support?", source="supp"),
    question("select_multiple reason", "reason", "Which reasons?", source="why"),
    question("decimal", "share", "Share", source="Q4"),
    question("date", "adopted", "Adopted on", source="Q5"),
    question("text", "remark", "Anything else?", source="Q6"),
    question("text", "at", "At what time?", source="Q7"),
)
SOURCES = {
    "existing": "1", "none": "2", "money": "Q2_1", "advice": "Q2_2", "law": "10", "staff": "20", "will": "30",
}  # fmt: skip
CHOICES: Sequence[Row] = [
    {**row, "source": SOURCES[row["name"]]}
    for row in (
        *choices("target", existing="Existing", none="No target"),
        *choices("support", money="Money", advice="Advice; training"),
        *choices("reason", law="The law", staff="No staff", will="No will"),
    )
]
COLUMNS: Mapping[str, Sequence[Any]] = {
    "MAIL": ["ada@city.example", "bob@city.example", ""],
    "CASE": [1.0, 2.0, 3.0],
    "Q1": [1.0, 2.0, 9.0],
    "Q2_1": [1.0, 0.0, None],
    "Q2_2": [1.0, 9.0, None],
    "Q3_1": [20.0, 30.0, None],
    "Q3_2": [10.0, None, 98.0],
    "Q4": [12.5, None, 999.0],
    "Q5": [date(2024, 1, 31), None, date(1960, 5, 5)],
    "Q6": ["Züge " + "x" * 600, "", "N/A"],
    "Q7": [datetime(2024, 1, 31, 10, 20, 30), None, None],
}
LABELS: Mapping[str, Mapping[Any, str]] = {
    "Q1": {1: "Existing", 2: "No target", 9: "Refused"},
    "Q2_1": {0: "Not selected", 1: "Selected"},
    "Q3_1": {10: "The law", 20: "No staff", 30: "No will"},
}
MISSING: Mapping[str, Sequence[Any]] = {
    "Q1": [9], "Q2_2": [9], "Q3_2": [{"lo": 90, "hi": 99}], "Q4": [{"lo": 900, "hi": 1000}], "Q6": ["N/A"],
}  # fmt: skip
SETS = b"$supp=D1 1 14 Which support? q2_1 q2_2\n$why=C 14 Which reasons? q3_1 q3_2\n"
EXPECTED = [
    ("1", "response", 1.0),
    ("1", "target", "existing"),
    ("1", "support", "money"),
    ("1", "support", "advice"),
    ("1", "reason", "law"),
    ("1", "reason", "staff"),
    ("1", "share", 12.5),
    ("1", "adopted", date(2024, 1, 31)),
    ("1", "remark", "Züge " + "x" * 600),
    ("1", "at", "2024-01-31T10:20:30"),
    ("2", "response", 2.0),
    ("2", "target", "none"),
    ("2", "reason", "will"),
    ("3", "response", 3.0),
    ("3", "adopted", date(1960, 5, 5)),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "city" / "2024"


def saved(columns: Mapping[str, Sequence[Any]] = COLUMNS, sets: bytes = SETS, **more: Any) -> bytes:
    """The file with these variables; labels and missing values are those of the variables that it has."""
    given = {"variable_value_labels": LABELS, "missing_ranges": MISSING, **more}
    given = {
        key: {name: value for name, value in said.items() if name in columns} if isinstance(said, Mapping) else said
        for key, said in given.items()
    }
    return sav(columns, sets, **given)


def delivered(
    folder: Path,
    data: bytes,
    questions: Sequence[Row] = QUESTIONS,
    choice_rows: Sequence[Row] = CHOICES,
    **card: Any,
) -> RoundCard:
    return deliver(folder, questions, choice_rows, data, platform="spss_sav", extract="extract.sav", **card)


def without(*names: str) -> dict[str, Sequence[Any]]:
    return {name: values for name, values in COLUMNS.items() if name not in names}


@pytest.mark.parametrize("how", [{}, {"row_compress": True}, {"compress": True}], ids=["sav", "packed sav", "zsav"])
def test_values_of_every_kind(folder: Path, how: Mapping[str, bool]) -> None:
    result = read_round(delivered(folder, saved(**how)))
    assert answers(result) == EXPECTED
    assert result.rejected.num_rows == 0


def test_a_response_says_the_number_of_its_case(folder: Path) -> None:
    result = read_round(delivered(folder, saved()))
    assert records(result.responses, "response_id", "source_row") == [("1", 1), ("2", 2), ("3", 3)]
    places = records(result.answers, "question_code", "source_row", "source_column")
    assert places[1:5] == [("target", 1, 3), ("support", 1, 4), ("support", 1, 5), ("reason", 1, 6)]


def test_values_declared_missing_are_counted_not_landed(folder: Path) -> None:
    result = read_round(delivered(folder, saved()))
    assert result.notes == (
        f"{folder / 'extract.sav'}: values that the file declares missing, read as no answer: "
        "Q1 1, Q2_2 1, Q3_2 1, Q4 1, Q6 1",
    )


def test_cases_are_read_in_chunks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spss, "_CELLS_A_CHUNK", 22)
    assert answers(read_round(delivered(folder, saved(compress=True)))) == EXPECTED


def test_nothing_personal_is_landed(folder: Path) -> None:
    columns = {**COLUMNS, "CASE": [1.0, None, 3.0]}
    result = read_round(delivered(folder, saved(columns)))
    assert records(result.rejected, "scope", "source_row", "reason_code") == [("row", 2, "missing_response_id")]
    landed = " ".join(str(table.to_pylist()) for table in (result.responses, result.answers, result.rejected))
    assert "city.example" not in landed


def test_labels_alone_are_enough(folder: Path) -> None:
    questions = [{**row, "source": "" if row["name"] in ("target", "share") else row["source"]} for row in QUESTIONS]
    choice_rows = [{**row, "source": "" if row["list_name"] == "target" else row["source"]} for row in CHOICES]
    labels = {"Q1": "Is there a target?", "Q4": "Share"}
    card = delivered(folder, saved(column_labels=labels), questions, choice_rows)
    assert answers(read_round(card)) == EXPECTED


def test_names_of_variables_differ_in_case(folder: Path) -> None:
    questions = [{**row, "source": row["source"].lower()} for row in QUESTIONS]
    choice_rows = [{**row, "source": row["source"].lower()} for row in CHOICES]
    assert answers(read_round(delivered(folder, saved(), questions, choice_rows))) == EXPECTED


def test_a_split_question_without_a_set_reads_labels_of_values(folder: Path) -> None:
    labels = {**LABELS, "Q2_1": {1: "Yes", 2: "No"}, "Q2_2": {1: "Yes", 2: "No"}}
    columns = {**COLUMNS, "Q2_1": [1.0, 2.0, 3.0], "Q2_2": [2.0, 1.0, None]}
    sets = SETS[SETS.index(b"$why") :]
    result = read_round(delivered(folder, saved(columns, sets, variable_value_labels=labels)))
    chosen = [row for row in answers(result) if row[1] == "support"]
    assert chosen == [("1", "support", "money"), ("2", "support", "advice")]
    assert records(result.rejected, "response_id", "question_code", "source_column", "raw") == [
        ("3", "support", 4, "3")
    ]


def test_a_set_whose_counted_value_is_not_one(folder: Path) -> None:
    columns = {**COLUMNS, "Q2_1": [2.0, 1.0, None], "Q2_2": [1.0, 2.0, None]}
    sets = SETS.replace(b"$supp=D1 1 ", b"$supp=D1 2 ")
    result = read_round(delivered(folder, saved(columns, sets, missing_ranges={})))
    chosen = [row for row in answers(result) if row[1] == "support"]
    assert chosen == [("1", "support", "money"), ("2", "support", "advice")]


def test_a_value_that_is_no_choice_is_rejected_with_its_place(folder: Path) -> None:
    columns = {**COLUMNS, "Q1": [1.0, 7.0, 2.0], "Q3_2": [10.0, 50.0, None]}
    result = read_round(delivered(folder, saved(columns)))
    places = records(result.rejected, "response_id", "question_code", "source_row", "source_column", "raw")
    assert places == [("2", "target", 2, 3, "7"), ("2", "reason", 2, 6, "No will;50")]
    assert result.rejected["reason_code"].to_pylist() == ["unknown_choice"] * 2


def test_a_label_that_the_codebook_gives_another_value_is_told(folder: Path) -> None:
    labels = {**LABELS, "Q1": {1: "No target", 2: "Existing"}}
    assert problems(delivered(folder, saved(variable_value_labels=labels))) == [
        "column 3 ('Q1'): the value 1 is labelled 'No target' as choice none, but is the source of choice existing. To "
        "do: correct `source` in choices.csv, or the label in SPSS.",
        "column 3 ('Q1'): the value 2 is labelled 'Existing' as choice existing, but is the source of choice none. To "
        "do: correct `source` in choices.csv, or the label in SPSS.",
    ]


def values_of_q1(folder: Path, labels: Mapping[Any, str], choice_rows: Sequence[Row]) -> list[Any]:
    asked = (question("text", "id", "id", role="response_id"), question("select_one q1", "q1", "Target?"))
    columns = {"id": ["r1", "r2", "r3", "r4"], "q1": [1.0, 8.0, 9.0, 2.0]}
    content = saved(columns, b"", variable_value_labels={"q1": labels}, missing_ranges={})
    found = read_round(deliver(folder, asked, choice_rows, content, platform="spss_sav", extract="extract.sav"))
    assert not found.rejected.num_rows
    return [value for _, name, value in answers(found) if name == "q1"]


@pytest.mark.parametrize("labels", [("Other", "Other"), ("Autre", "Autre "), ("Don't know / refused",) * 2])
def test_two_values_with_one_label_are_two_choices(folder: Path, labels: tuple[str, str]) -> None:
    listed = choices("q1", c1="Yes", c2="No", c8=labels[0], c9=f"{labels[1].strip()} [9]")
    rows = [{**row, "source": row["name"][1:]} for row in listed]
    found = values_of_q1(folder, {1: "Yes", 2: "No", 8: labels[0], 9: labels[1]}, rows)
    assert found == ["c1", "c8", "c9", "c2"]


def test_two_values_with_one_label_may_be_one_choice(folder: Path) -> None:
    listed = choices("q1", c1="Yes", c2="No", c8="Other")
    assert values_of_q1(folder, {1: "Yes", 2: "No", 8: "Other", 9: "Other"}, listed) == ["c1", "c8", "c8", "c2"]


SCALE = {0: "Not at all", 10: "10 = completely", 99: "Don't know"}


@pytest.mark.parametrize(
    ("kind", "constraint", "rejected"),
    [
        ("integer", "", ["0 = Not at all", "99 = Don't know"]),
        ("decimal", ". >= 0", ["0 = Not at all", "99 = Don't know"]),
        ("integer", ". >= 0 and . <= 10", ["99 = Don't know"]),
    ],
)
def test_a_labelled_value_among_numbers_is_a_code_unless_the_codebook_bounds_it(
    folder: Path, kind: str, constraint: str, rejected: list[str]
) -> None:
    asked = (question("text", "id", "id", role="response_id"), question(kind, "n", "N", constraint=constraint))
    columns = {"id": ["r1", "r2", "r3", "r4"], "n": [0.0, 10.0, 99.0, 7.0]}
    content = saved(columns, b"", variable_value_labels={"n": SCALE}, missing_ranges={})
    result = read_round(deliver(folder, asked, (), content, platform="spss_sav", extract="extract.sav"))
    assert [row["raw"] for row in result.rejected.to_pylist()] == rejected
    assert [value for _, name, value in answers(result) if name == "n"] == ([] if len(rejected) > 1 else [0.0]) + [
        10.0,
        7.0,
    ]
    assert any("labelled values among the numbers of n are rejected" in note for note in result.notes)


def test_a_date_question_of_a_plain_number_is_told(folder: Path) -> None:
    columns = {**COLUMNS, "Q5": [45000.0, None, 45001.0]}
    assert problems(delivered(folder, saved(columns))) == [
        "column 9 ('Q5'): the question is a date, the variable a number of format F. To do: give the variable a date "
        "format in SPSS, or change the question's type."
    ]


def test_a_date_written_as_text_is_read(folder: Path) -> None:
    columns = {**COLUMNS, "Q5": ["2024-01-31", "31.01.2024", ""]}
    result = read_round(delivered(folder, saved(columns)))
    assert ("1", "adopted", date(2024, 1, 31)) in answers(result)
    assert records(result.rejected, "question_code", "reason_code", "raw") == [("adopted", "not_a_date", "31.01.2024")]


def test_a_time_of_day_is_a_text(folder: Path) -> None:
    columns = {**COLUMNS, "Q7": [37230.0, None, None]}
    result = read_round(delivered(folder, saved(columns, variable_format={"Q7": "TIME8"})))
    assert ("1", "at", "10:20:30") in answers(result)


def test_a_date_beyond_the_calendar_is_rejected(folder: Path) -> None:
    columns = {**COLUMNS, "Q5": [1e15, None, None]}
    result = read_round(delivered(folder, saved(columns, variable_format={"Q5": "DATE11"})))
    assert records(result.rejected, "question_code", "reason_code", "raw") == [("adopted", "not_a_date", str(10**15))]


def test_missing_and_extra_variables_are_told_at_once(folder: Path) -> None:
    columns = {**without("Q4"), "Z9": [1.0, 2.0, 3.0]}
    assert problems(delivered(folder, saved(columns))) == [
        "column 'Share': the column of question share is missing. To do: save all variables, or write the variable's "
        "name into `source` of questions.csv.",
        "column 11 ('Z9'): the column is not in the codebook. To do: add the question to questions.csv, or delete the "
        "column.",
    ]


def test_a_missing_variable_of_a_set_is_told(folder: Path) -> None:
    sets = SETS[SETS.index(b"$why") :]
    assert problems(delivered(folder, saved(without("Q2_2"), sets))) == [
        "column 'Which support? [Advice; training]': the column of question support, choice advice is missing. To do: "
        "save all variables, or write the variable's name into `source` of questions.csv."
    ]


def test_a_set_of_variables_that_are_not_there_is_told(folder: Path) -> None:
    assert problems(delivered(folder, saved(sets=SETS.replace(b"q3_2", b"q3_9")))) == [
        "the set why names no variables of the file: q3_9. To do: save it again from SPSS as .sav, or fetch it again "
        "from where it was exported."
    ]


def test_an_encoding_that_the_file_does_not_say_is_named_in_the_card(folder: Path) -> None:
    data = saved().replace("Züge ".encode(), b"Z\xfcge  ")
    told = problems(delivered(folder, data))
    assert len(told) == 1 and told[0].endswith(
        "To do: write the encoding in round.yml, for example `encoding: cp1252`."
    )
    result = read_round(delivered(folder, data, encoding="cp1252"))
    assert ("1", "remark", "Züge  " + "x" * 600) in answers(result)


def test_a_truncated_file_is_told(folder: Path) -> None:
    data = saved()
    again = "To do: save it again from SPSS as .sav, or fetch it again from where it was exported."
    assert problems(delivered(folder, data[:-8])) == [
        f"the file is truncated or damaged: File did not contain the expected number of rows. {again}"
    ]
    assert problems(delivered(folder, data[:300])) == [
        f"the file is truncated or damaged: Unable to read from file. {again}"
    ]


def test_a_file_that_crashes_the_library_that_reads_it_is_told(folder: Path) -> None:
    labels_of_a_variable, of_no_variable = struct.pack("<3i", 4, 1, 5), struct.pack("<2iI", 4, 1, 0xDC000005)
    data = saved()
    assert labels_of_a_variable in data
    assert problems(delivered(folder, data.replace(labels_of_a_variable, of_no_variable))) == [
        "the file is truncated or damaged: reading it broke off. To do: save it again from SPSS as .sav, or fetch it "
        "again from where it was exported."
    ]


def test_a_file_that_is_not_of_spss_is_told(folder: Path) -> None:
    assert problems(delivered(folder, b"CASE,Q1\n1,2\n")) == [
        "not an SPSS file as its platform says, but plain text or another kind of file. To do: save it as .sav, or set "
        "the platform in round.yml."
    ]


def test_a_file_without_cases_is_told(folder: Path) -> None:
    data = saved({"CASE": []}, sets=b"")
    questions = [row for row in QUESTIONS if row["name"] == "response"]
    assert problems(delivered(folder, data, questions)) == [
        "the file has variables, but no case. To do: save it again from SPSS as .sav, or fetch it again from where it "
        "was exported."
    ]
