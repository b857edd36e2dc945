from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from orchestration.readers import parquet
from orchestration.rounds.card import RoundCard
from tests.orchestration.readers.deliveries import (
    CHOICES,
    QUESTIONS,
    Row,
    answers,
    deliver,
    problems,
    question,
    read_round,
    records,
)
from tests.orchestration.readers.platforms import parquet as written

FIRST: Mapping[str, Any] = {
    "Name of the respondent": "ada@city.example",
    "Response code": "r1",
    "City": "Alpha",
    "Is there a target?": "Existing",
    "Which support?": ["Advice; training", "Money"],
    "Inhabitants": 42,
    "Share (%)": Decimal("1.50"),
    "Adopted on": date(2024, 1, 31),
    "How pressing are these needs?: Finance": 2,
}
SECOND: Mapping[str, Any] = {
    **dict.fromkeys(FIRST),
    "Response code": "r2",
    "City": "Beta",
    "Is there a target?": "No target",
    "Which support?": [],
    "Inhabitants": 7,
}
EXPECTED = [
    ("r1", "code", "r1"),
    ("r1", "city", "Alpha"),
    ("r1", "target", "existing"),
    ("r1", "support", "money"),
    ("r1", "support", "advice"),
    ("r1", "population", 42.0),
    ("r1", "share", 1.5),
    ("r1", "adopted", date(2024, 1, 31)),
    ("r1", "need", "c2"),
    ("r2", "code", "r2"),
    ("r2", "city", "Beta"),
    ("r2", "target", "none"),
    ("r2", "population", 7.0),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "city" / "2024"


def saved(rows: Sequence[Mapping[str, Any]] = (FIRST, SECOND), **types: pa.DataType) -> bytes:
    """Rows as a Parquet file, two a row group; `types` are those of columns whose values do not tell."""
    columns = {name: pa.array([row[name] for row in rows], type=types.get(name)) for name in rows[0]}
    return written(pa.table(columns))


def delivered(folder: Path, data: bytes, questions: Sequence[Row] = QUESTIONS) -> RoundCard:
    return deliver(folder, questions, CHOICES, data, platform="parquet", extract="extract.parquet")


def one(folder: Path, kind: str, values: pa.Array, **more: str) -> RoundCard:
    """A round of an id and one further column."""
    questions = [question("text", "code", "Code", role="response_id"), question(kind, "q", "Q", **more)]
    codes = pa.array([f"r{number}" for number in range(1, len(values) + 1)])
    return delivered(folder, written(pa.table({"Code": codes, "Q": values})), questions)


def said(card: RoundCard) -> list[tuple[str, Any]]:
    return [(response, value) for response, code, value in answers(read_round(card)) if code == "q"]


def test_columns_of_every_type(folder: Path) -> None:
    result = read_round(delivered(folder, saved()))
    assert answers(result) == EXPECTED
    assert result.rejected.num_rows == 0
    assert records(result.responses, "response_id", "source_row", "source_sheet") == [("r1", 1, None), ("r2", 2, None)]
    assert records(result.answers, "question_code", "source_row", "source_column")[3:5] == [
        ("support", 1, 5),
        ("support", 1, 5),
    ]


def test_rows_are_read_in_batches(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_ROWS_A_BATCH", 3)
    rows = [{**SECOND, "Response code": f"r{number}"} for number in range(1, 8)]
    data = saved(rows, **{"Which support?": pa.list_(pa.string())})
    result = read_round(delivered(folder, data))
    assert records(result.responses, "response_id", "source_row", "position") == [
        (f"r{number}", number, number) for number in range(1, 8)
    ]


def test_nothing_personal_is_landed(folder: Path) -> None:
    result = read_round(delivered(folder, saved([{**FIRST, "Response code": None}, SECOND])))
    assert records(result.rejected, "scope", "source_row", "reason_code") == [("row", 1, "missing_response_id")]
    raw = result.rejected["raw"].to_pylist()[0]
    assert json.loads(raw)["City"] == "Alpha"
    assert "ada@city.example" not in raw


def test_choices_as_a_dictionary_and_as_a_split_list_of_flags(folder: Path) -> None:
    columns = pa.table(
        {
            "Response code": ["r1", "r2"],
            "Is there a target?": pa.array(["Existing", None]).dictionary_encode(),
            "Which support? [Money]": [True, False],
            "Which support? [Advice; training]": [False, None],
            "Which support? [Advice]": [True, True],
            "Which support? [R&D staff]": [False, False],
        }
    )
    questions = [row for row in QUESTIONS if row["name"] in ("code", "target", "support")]
    assert answers(read_round(delivered(folder, written(columns), questions))) == [
        ("r1", "code", "r1"),
        ("r1", "target", "existing"),
        ("r1", "support", "money"),
        ("r1", "support", "advice_only"),
        ("r2", "code", "r2"),
        ("r2", "support", "advice_only"),
    ]


def test_missing_values_and_nan_are_no_answers(folder: Path) -> None:
    assert said(one(folder, "decimal", pa.array([1.5, None, float("nan")], from_pandas=False))) == [("r1", 1.5)]


def test_a_column_that_is_empty_throughout_is_no_answer(folder: Path) -> None:
    assert said(one(folder, "integer", pa.nulls(2))) == []


def test_infinity_is_no_number(folder: Path) -> None:
    result = read_round(one(folder, "decimal", pa.array([float("inf")])))
    assert records(result.rejected, "question_code", "source_row", "reason_code", "raw") == [
        ("q", 1, "not_a_number", "inf")
    ]


def test_a_whole_number_that_is_not_exact_is_rejected(folder: Path) -> None:
    result = read_round(one(folder, "integer", pa.array([2**53 + 1])))
    assert records(result.rejected, "reason_code", "raw") == [("not_a_number", "9007199254740993")]


def test_decimals_keep_their_digits_in_texts(folder: Path) -> None:
    assert said(one(folder, "text", pa.array([Decimal("0.10"), Decimal("3.00")]))) == [("r1", "0.10"), ("r2", "3")]


def test_a_point_in_time_keeps_the_day_of_its_zone(folder: Path) -> None:
    zone = timezone(timedelta(hours=2))
    values = pa.array([datetime(2024, 5, 2, 0, 30, tzinfo=zone)], pa.timestamp("ns", "+02:00"))
    card = one(folder, "date", values, role="submitted_at")
    result = read_round(card)
    assert said(card) == [("r1", date(2024, 5, 2))]
    assert result.responses["submitted_at"].to_pylist() == [datetime(2024, 5, 1, 22, 30)]


def test_a_point_in_time_without_a_zone_is_as_written(folder: Path) -> None:
    values = pa.array([datetime(2024, 5, 2, 23, 30)], pa.timestamp("s"))
    result = read_round(one(folder, "date", values, role="submitted_at"))
    assert result.responses["submitted_at"].to_pylist() == [datetime(2024, 5, 2, 23, 30)]


def test_a_time_of_day_is_a_text(folder: Path) -> None:
    assert said(one(folder, "text", pa.array([time(10, 20, 30)], pa.time64("ns")))) == [("r1", "10:20:30")]


def test_a_number_in_a_date_column_is_read_as_in_a_sheet_or_rejected(folder: Path) -> None:
    result = read_round(one(folder, "date", pa.array([2024])))
    assert records(result.rejected, "reason_code", "raw") == [("not_a_date", "2024")]


def test_an_unknown_choice_in_a_list_is_rejected_with_the_whole_list(folder: Path) -> None:
    result = read_round(delivered(folder, saved([{**FIRST, "Which support?": ["Money", "Luck"]}, SECOND])))
    assert records(result.rejected, "question_code", "source_row", "source_column", "reason_code", "raw") == [
        ("support", 1, 5, "unknown_choice", "Money;Luck")
    ]


def test_an_id_that_occurs_again_is_a_further_submission(folder: Path) -> None:
    result = read_round(delivered(folder, saved([FIRST, {**SECOND, "Response code": "r1"}])))
    assert result.responses["response_id"].to_pylist() == ["r1", "r1#2"]


PLAIN = "To do: export it as text, number, date or, for several choices, a list of texts."


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([{"a": 1}]), "struct<a: int64>"),
        (pa.array([b"Alpha"]), "binary"),
        (pa.array([["Alpha"]]), "list<element: string>"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "map<string, int64 ('Q')>"),
    ],
)
def test_a_type_that_is_no_answer_is_refused(folder: Path, values: pa.Array, kind: str) -> None:
    assert problems(one(folder, "text", values)) == [
        f"column 2 ('Q'): the column is of type {kind}, which is no answer to a text question. {PLAIN}"
    ]


def test_a_list_of_lists_is_refused(folder: Path) -> None:
    told = problems(delivered(folder, saved([{**FIRST, "Which support?": [["Money"]]}])))
    assert told == [
        "column 5 ('Which support?'): the column is of type list<element: list<element: string>>, which is no answer "
        f"to a select_multiple question. {PLAIN}"
    ]


def test_a_text_that_is_not_utf_8_is_told_with_its_column(folder: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"Z\xfcge"]).buffers())
    assert problems(one(folder, "text", broken)) == [
        "column 2 ('Q'): a text of the column is not UTF-8: invalid start byte. To do: export the texts as UTF-8."
    ]


def test_missing_and_extra_columns_are_told_at_once(folder: Path) -> None:
    rows = [{("Town" if name == "City" else name): value for name, value in row.items()} for row in (FIRST, SECOND)]
    told = problems(delivered(folder, saved(rows)))
    assert told == [
        "column 'City': the column of question city is missing. To do: export all questions, or write the column's "
        "name into `source` of questions.csv.",
        "column 3 ('Town'): the column is not in the codebook. To do: add the question to questions.csv, or delete the "
        "column.",
    ]


def test_a_repeated_column_is_told(folder: Path) -> None:
    table = pa.table([pa.array(["r1"]), pa.array(["a"]), pa.array(["b"])], names=["Code", "Q", "Q"])
    questions = [question("text", "code", "Code", role="response_id"), question("text", "q", "Q")]
    assert problems(delivered(folder, written(table), questions)) == [
        "column 3 ('Q'): the column is repeated: column 2 has the same header. To do: delete the repetition, or give "
        "it a question of its own in questions.csv."
    ]


def test_a_truncated_file_is_told(folder: Path) -> None:
    (told,) = problems(delivered(folder, saved()[:-20]))
    assert told.startswith("the file is truncated or damaged: ")
    assert told.endswith("To do: fetch the file again from where it was exported.")


def test_a_damaged_page_is_told(folder: Path) -> None:
    data = bytearray(saved())
    data[data.index(b"Alpha")] ^= 1
    (told,) = problems(delivered(folder, bytes(data)))
    assert told.startswith("the file is truncated or damaged: ")


def test_a_file_that_is_not_parquet_is_told(folder: Path) -> None:
    assert problems(delivered(folder, b"Response code,City\nr1,Alpha\n")) == [
        "not a Parquet file as its platform says, but plain text or another kind of file. To do: export it as Parquet, "
        "or set the platform in round.yml."
    ]


def test_a_file_without_rows_is_told(folder: Path) -> None:
    told = problems(one(folder, "text", pa.array([], pa.string())))
    assert told == ["the file has columns, but no row. To do: fetch the file again from where it was exported."]
