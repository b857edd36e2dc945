from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import (
    CHOICES,
    Row,
    Serial,
    choices,
    deliver,
    question,
    records,
    with_platform_id,
    workbook,
)

PLATFORM = ("ID", "Start time", "Completion time", "Email", "Name")
QUESTIONS = [row for row in with_platform_id() if row["name"] not in ("respondent", "code")]
ASKED = (
    "City\N{NO-BREAK SPACE}",
    "Is there a\N{NO-BREAK SPACE}target?",
    "Which support?",
    "Inhabitants",
    "Share (%)",
    "Adopted on",
    "Finance",
)
HEADER = (*PLATFORM, "Last modified time", *ASKED)
ADA = (
    1.0,
    Serial(45393.5),
    Serial(45393.75),
    "ada@example.org",
    "Ada",
    Serial(45394),
    "Alpha",
    "Planned; not adopted",
    "Advice; training;Money;",
    42.0,
    "1.5",
    Serial(45322),
    "2",
)
BOB = (2.0, Serial(45394), Serial(45394.5), "anonymous", None, None, "Beta", "No target", *[None] * 5)


def _read(
    tmp_path: Path,
    rows: Sequence[Sequence[Any]] | Sequence[Sequence[Sequence[Any]]],
    questions: Sequence[Row] = QUESTIONS,
    listed: Sequence[Row] = CHOICES,
    **card: Any,
) -> ReadResult:
    return _read_parts(tmp_path, [rows], questions, listed, **card)


def _read_parts(
    tmp_path: Path,
    parts: Sequence[Sequence[Sequence[Any]]],
    questions: Sequence[Row] = QUESTIONS,
    listed: Sequence[Row] = CHOICES,
    **card: Any,
) -> ReadResult:
    folder = tmp_path / "rounds/nmc_survey/2024"
    contents = [workbook({"Sheet1": rows}) for rows in parts]
    loaded = deliver(folder, questions, listed, contents[0], platform="forms_xlsx", extract="a.xlsx", **card)
    names = [f"{letter}.xlsx" for letter in "abcd"[: len(parts)]]
    for name, content in zip(names, contents, strict=True):
        (folder / name).write_bytes(content)
    return read_extract(loaded.model_copy(update={"extract": tuple(names)}), load_codebook(folder))


def _refused(tmp_path: Path, *parts: Sequence[Sequence[Any]]) -> str:
    with pytest.raises(ExtractError) as error:
        _read_parts(tmp_path, parts)
    return str(error.value)


def _said(result: ReadResult) -> list[tuple[Any, ...]]:
    columns = ("question_code", "choice_code", "value_text", "source_column")
    return records(result.answers, "response_id", *columns)


def test_an_export_is_read_exactly(tmp_path: Path) -> None:
    result = _read(tmp_path, [HEADER, ADA, BOB])
    assert (result.rows_in, result.rejected.num_rows, result.notes) == (2, 0, ())
    about = ("respondent_id", "source_sheet", "source_row", "submitted_at", "updated_at")
    assert records(result.responses, "response_id", *about) == [
        ("1", "1", "Sheet1", 2, datetime(2024, 4, 11, 18), datetime(2024, 4, 12)),
        ("2", "2", "Sheet1", 3, datetime(2024, 4, 12, 12), None),
    ]
    columns = ("question_code", "choice_code", "value_text", "value_number", "value_date", "source_column")
    assert records(result.answers, "response_id", *columns) == [
        ("1", "city", None, "Alpha", None, None, 7),
        ("1", "target", "planned", None, None, None, 8),
        ("1", "support", "money", None, None, None, 9),
        ("1", "support", "advice", None, None, None, 9),
        ("1", "population", None, None, 42.0, None, 10),
        ("1", "share", None, None, 1.5, None, 11),
        ("1", "adopted", None, None, None, date(2024, 1, 31), 12),
        ("1", "need", "c2", None, None, None, 13),
        ("2", "city", None, "Beta", None, None, 7),
        ("2", "target", "none", None, None, None, 8),
    ]


def test_who_answered_reaches_no_table(tmp_path: Path) -> None:
    nameless = (None, *ADA[1:])
    result = _read(tmp_path, [HEADER, ADA, nameless, (*BOB, "stray")])
    assert records(result.rejected, "reason_code") == [("missing_response_id",), ("wrong_field_count",)]
    everything = str([table.to_pylist() for table in (result.responses, result.answers, result.rejected)])
    assert all(secret not in everything for secret in ("Ada", "ada@example.org", "anonymous", "stray"))


@pytest.mark.parametrize(
    "platform",
    [
        ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Heure de la dernière modification"),
        ("ID", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre",
         "Hora de la última modificación"),
        ("ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Tijd van laatste wijziging"),
        ("ID", "Godzina rozpoczęcia", "Godzina ukończenia", "Adres e-mail", "Nazwa", "Czas ostatniej modyfikacji"),
        ("Azonosító", "Kezdés", "Befejezés", "Cím", "Név", "Módosítva"),
    ],
)  # fmt: skip
def test_platform_columns_are_known_in_the_language_of_the_exporting_person(
    tmp_path: Path, platform: Sequence[str]
) -> None:
    result = _read(tmp_path, [(*platform, *ASKED), ADA, BOB])
    expected = _read(tmp_path, [HEADER, ADA, BOB])
    assert (result.responses, result.answers) == (expected.responses, expected.answers)
    assert any("by their place and content" in note for note in result.notes) == (platform[0] != "ID")


def test_language_and_points_of_a_quiz_are_the_platforms(tmp_path: Path) -> None:
    header = (*PLATFORM, "Total points", "Quiz feedback", "Last modified time", "Language", "City",
              "Points - City", "Feedback - City")  # fmt: skip
    row = (*ADA[:5], 3.0, None, None, "fr", "Alpha", 3.0, "well said")
    result = _read(tmp_path, [header, row], [question("text", "city", "City")])
    assert records(result.responses, "response_id", "language") == [("1", "fr")]
    assert _said(result) == [("1", "city", None, "Alpha", 10)]
    assert [note.partition(": ")[2] for note in result.notes] == ["points and feedback of a quiz are not landed"]


OTHER = [
    question("select_multiple support", "support", "Which support?"),
    question("text", "support_other", "Which other support?"),
]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        pytest.param("Money;", [("support", "money", None)], id="none"),
        pytest.param(
            "Money;A loan, at 2 %;Advice; training;",
            [("support", "money", None), ("support", "advice", None), ("support_other", None, "A loan, at 2 %")],
            id="among_choices",
        ),
        pytest.param("Nothing of this;", [("support_other", None, "Nothing of this")], id="alone"),
    ],
)
def test_what_was_written_for_other_goes_to_the_question_of_the_codebook(
    tmp_path: Path, cell: str, said: list[tuple[Any, ...]]
) -> None:
    result = _read(tmp_path, [(*PLATFORM, "Which support?"), (*ADA[:5], cell)], OTHER)
    assert result.rejected.num_rows == 0
    assert _said(result) == [("1", *answer, 6) for answer in said]


def test_several_texts_that_are_no_choice_are_rejected_with_the_whole_cell(tmp_path: Path) -> None:
    result = _read(tmp_path, [(*PLATFORM, "Which support?"), (*ADA[:5], "Money;a loan;a grant;")], OTHER)
    assert _said(result) == []
    [rejected] = result.rejected.to_pylist()
    keys = ("scope", "reason_code", "question_code", "source_sheet", "source_row", "source_column", "raw")
    assert tuple(rejected[key] for key in keys) == (
        "answer", "unknown_choice", "support", "Sheet1", 2, 6, "Money;a loan;a grant;"
    )  # fmt: skip
    assert "'a loan', 'a grant' is no choice of the list support" in rejected["reason"]


def test_without_a_question_for_it_an_own_text_is_an_unknown_choice(tmp_path: Path) -> None:
    result = _read(tmp_path, [(*PLATFORM, "Which support?", "City"), (*ADA[:5], "Money;a loan;", "Alpha")],
                   [OTHER[0], question("text", "city", "City")])  # fmt: skip
    assert records(result.rejected, "reason_code", "question_code", "raw") == [
        ("unknown_choice", "support", "Money;a loan;")
    ]
    assert _said(result) == [("1", "city", None, "Alpha", 7)]


def test_an_own_text_stands_for_the_choice_named_other(tmp_path: Path) -> None:
    listed = choices("way", bus="Bus", other="Other")
    questions = [question("select_one way", "way", "How?"), question("text", "way_other", "How else?")]
    rows = [(*PLATFORM, "How?"), (*ADA[:5], "Bus"), (*BOB[:5], "On a sledge; downhill")]
    assert _said(_read(tmp_path, rows, questions, listed)) == [
        ("1", "way", "bus", None, 6),
        ("2", "way", "other", None, 6),
        ("2", "way_other", None, "On a sledge; downhill", 6),
    ]


def test_a_personal_text_for_other_is_not_landed(tmp_path: Path) -> None:
    questions = [OTHER[0], {**OTHER[1], "is_personal": "yes"}]
    result = _read(tmp_path, [(*PLATFORM, "Which support?"), (*ADA[:5], "Money;call 0123;")], questions)
    assert _said(result) == [("1", "support", "money", None, 6)]


RANKS = [
    question("select_one way", f"rank{number}", str(number), matrix="Put in order") for number in (1, 2, 3)
]  # fmt: skip
WAYS = choices("way", bus="Bus; tram", bike="Bike", foot="On foot")


def test_a_ranking_is_landed_in_its_order(tmp_path: Path) -> None:
    rows = [(*PLATFORM, "Put in order"), (*ADA[:5], "On foot;Bus; tram;Bike;"), (*BOB[:5], "Bike;")]
    result = _read(tmp_path, rows, RANKS, WAYS)
    assert _said(result) == [
        ("1", "rank1", "foot", None, 6),
        ("1", "rank2", "bus", None, 6),
        ("1", "rank3", "bike", None, 6),
        ("2", "rank1", "bike", None, 6),
    ]
    assert result.rejected.num_rows == 0


def test_a_ranking_may_stand_beside_other_questions(tmp_path: Path) -> None:
    rows = [(*PLATFORM, "City", "Put in order"), (*ADA[:5], "Alpha", "Bike;On foot;")]
    result = _read(tmp_path, rows, [*RANKS, question("text", "city", "City")], WAYS)
    assert _said(result) == [
        ("1", "city", None, "Alpha", 6),
        ("1", "rank1", "bike", None, 7),
        ("1", "rank2", "foot", None, 7),
    ]


def test_a_question_beside_a_ranking_is_missed(tmp_path: Path) -> None:
    rows = [(*PLATFORM, "Put in order"), (*ADA[:5], "Bike;On foot;")]
    with pytest.raises(ExtractError, match="row 1: no header here"):
        _read(tmp_path, rows, [*RANKS, question("text", "city", "City")], WAYS)


def test_a_ranking_with_an_unknown_choice_is_rejected_as_a_whole(tmp_path: Path) -> None:
    rows = [(*PLATFORM, "Put in order"), (*ADA[:5], "On foot;Train;Bike;")]
    result = _read(tmp_path, rows, RANKS, WAYS)
    assert _said(result) == []
    keys = ("reason_code", "question_code", "source_column", "raw")
    assert records(result.rejected, *keys) == [("unknown_choice", "rank1", 6, "On foot;Train;Bike;")]


def test_repeated_headers_lose_the_number_that_makes_them_unique(tmp_path: Path) -> None:
    questions = [
        question("text", "who", "Name"),
        question("text", "a", "Comment"),
        question("text", "b", "Comment"),
        question("text", "c", "Target 2"),
        question("select_one scale", "now", "Finance", matrix="Need now"),
        question("select_one scale", "later", "Finance", matrix="Need later"),
    ]
    header = (*PLATFORM, "Name2", "Comment", "Comment2", "Target 2", "Finance", "Finance2")
    row = (*ADA[:5], "the city", "first", "second", "third", "2", "1 = no need")
    assert _said(_read(tmp_path, [header, row], questions)) == [
        ("1", "who", None, "the city", 6),
        ("1", "a", None, "first", 7),
        ("1", "b", None, "second", 8),
        ("1", "c", None, "third", 9),
        ("1", "now", "c2", None, 10),
        ("1", "later", "c1", None, 11),
    ]


def test_files_of_one_form_are_one_round(tmp_path: Path) -> None:
    result = _read_parts(tmp_path, [[HEADER, ADA], [HEADER, BOB]])
    assert records(result.responses, "response_id", "source_file") == [
        ("1", "nmc_survey/2024/a.xlsx"),
        ("2", "nmc_survey/2024/b.xlsx"),
    ]
    assert result.notes == ()


def test_persons_of_several_forms_do_not_collide(tmp_path: Path) -> None:
    result = _read_parts(tmp_path, [[HEADER, ADA], [HEADER, (1.0, *BOB[1:])]])
    assert records(result.responses, "response_id", "respondent_id") == [
        ("a.xlsx 1", "a.xlsx 1"),
        ("b.xlsx 1", "b.xlsx 1"),
    ]
    assert [note.partition(": ")[2] for note in result.notes] == [
        f"ids start again in each file, so they are landed as '{name} 1' and so on" for name in ("a.xlsx", "b.xlsx")
    ]


def test_a_response_in_two_files_is_a_further_submission(tmp_path: Path) -> None:
    later = (*ADA[:2], Serial(45399), *ADA[3:6], "Gamma", *ADA[7:])
    result = _read_parts(tmp_path, [[HEADER, ADA], [HEADER, later, BOB]])
    assert records(result.responses, "response_id", "respondent_id") == [("1", "1"), ("1#2", "1"), ("2", "2")]


@pytest.mark.parametrize(
    ("parts", "place", "reason"),
    [
        pytest.param(
            [[HEADER, ADA, BOB], [HEADER, ADA, (2.0, *ADA[1:])]],
            "b.xlsx, column 'ID'",
            "1 were begun at the same time and so are the same responses (1), 1 were not (2)",
            id="ids_that_do_not_tell",
        ),
        pytest.param([[HEADER[1:], ADA[1:]]], "a.xlsx, row 1, column 'ID'", "the column is missing", id="no_id"),
        pytest.param([[(*HEADER, "Town"), ADA]], "column 14 ('Town')", "not in the codebook", id="extra_column"),
        pytest.param([[HEADER[:-1], ADA[:-1]]], "row 1", "question need is missing", id="missing_column"),
        pytest.param([[(*HEADER, "City2"), ADA]], "column 14 ('City2')", "not in the codebook", id="repeated_column"),
        pytest.param([[HEADER]], "sheet Sheet1, row 1", "but no response", id="only_a_header"),
        pytest.param([[HEADER, (*ADA[:-1], "=A1")]], "row 2, column M", "formula error", id="formula_error"),
        pytest.param([[PLATFORM, ADA[:5]]], "row 1", "no header here", id="no_question"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, parts: Sequence[Any], place: str, reason: str) -> None:
    message = _refused(tmp_path, *parts)
    assert place in message
    assert reason in message
    assert "To do: " in message
