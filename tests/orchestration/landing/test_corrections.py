"""From a rejected answer to a correction, to the landed value, to the source that has fixed it."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deployments import Deployment

from orchestration.extracts.errors import ExtractError
from orchestration.landing.corrections import correct
from orchestration.landing.landing import land
from orchestration.pipeline.refresh import RefreshError
from orchestration.readers.read import read_extract
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import load_codebook
from orchestration.rounds.corrections import COLUMNS, CorrectionsError
from tests.orchestration.readers.deliveries import (
    CHOICES,
    FIRST,
    HEADER,
    METADATA,
    QUESTIONS,
    SECOND,
    Serial,
    choices,
    deliver,
    eusurvey,
    question,
    records,
    workbook,
)

DAY = date(2026, 1, 2)
EXTRACT = Path("rounds/pulse/2030/extract.csv")
BAD = SECOND.replace("No target", "Perhaps").replace(",7,", ",many,")
HELP = "Money;Advice; training"
VALUES = ("choice_code", "value_text", "value_number", "value_date", "source_text")


def _card(tmp_path: Path, content: str = HEADER + FIRST + BAD, **card: Any) -> RoundCard:
    return deliver(tmp_path / "seeds/rounds/eoi/2021", QUESTIONS, CHOICES, content, **card)


def _correct(tmp_path: Path, card: RoundCard, *answer: str, **more: Any) -> None:
    correct(card, land(card, tmp_path / "landing"), *answer, "asked", DAY, **more)


def _write(card: RoundCard, *lines: Sequence[str]) -> None:
    with (card.folder / "corrections.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*line, "asked", "2026-01-02") for line in lines)


def _lines(card: RoundCard) -> list[str]:
    return (card.folder / "corrections.csv").read_text().splitlines()[1:]


def _landed(card: RoundCard, response: str, question_code: str) -> list[tuple[Any, ...]]:
    answers = read_extract(card, load_codebook(card.folder)).answers
    rows = records(answers, "response_id", "question_code", *VALUES)
    return [row[2:] for row in rows if row[:2] == (response, question_code)]


@pytest.mark.parametrize(
    ("response", "question_code", "corrected", "expected", "landed"),
    [
        ("r2", "target", "Planned; not adopted", "Perhaps", ("planned", None, None, None, "Perhaps")),
        ("r2", "population", "8", "many", (None, None, 8.0, None, "many")),
        ("r1", "target", "No target", "Existing", ("none", None, None, None, "Existing")),
        ("r1", "support", "Advice", HELP, ("advice_only", None, None, None, HELP)),
        ("r1", "population", "43", "42", (None, None, 43.0, None, "00042")),
        ("r1", "share", "2.5", "1.5", (None, None, 2.5, None, "1.5")),
        ("r1", "adopted", "2024-02-29", "2024-01-31", (None, None, None, date(2024, 2, 29), "2024-01-31")),
        ("r1", "city", "Gamma", "Alpha", (None, "Gamma", None, None, "Alpha")),
        ("r2", "adopted", "2024-02-29", "", (None, None, None, date(2024, 2, 29), "")),
    ],
)  # fmt: skip
def test_the_old_value_is_the_landings_and_the_new_one_lands(
    tmp_path: Path, response: str, question_code: str, corrected: str, expected: str, landed: tuple[Any, ...]
) -> None:
    card = _card(tmp_path)
    _correct(tmp_path, card, response, question_code, corrected)
    (line,) = _lines(card)
    assert line.split(",")[:4] == [response, question_code, expected, corrected]
    assert _landed(card, response, question_code) == [landed]


def test_an_answer_is_corrected_to_none(tmp_path: Path) -> None:
    card = _card(tmp_path)
    _correct(tmp_path, card, "r1", "share", "")
    assert _landed(card, "r1", "share") == []


def test_a_number_is_written_with_the_rounds_own_decimal_sign(tmp_path: Path) -> None:
    card = _card(tmp_path, HEADER + FIRST.replace(",1.5,", ',"1,5",') + SECOND, decimal='","')
    _correct(tmp_path, card, "r1", "share", "2,5")
    assert _lines(card) == ['r1,share,"1,5","2,5",asked,2026-01-02']
    assert _landed(card, "r1", "share") == [(None, None, 2.5, None, "1,5")]
    _correct(tmp_path, card, "r1", "population", "7")
    assert len(_lines(card)) == 2


def test_the_status_of_a_response_is_corrected(tmp_path: Path) -> None:
    card = _card(tmp_path)
    _correct(tmp_path, card, "r2", "", "test")
    responses = read_extract(card, load_codebook(card.folder)).responses
    assert records(responses, "response_id", "status") == [("r1", "complete"), ("r2", "test")]


def test_a_resubmission_is_corrected_by_its_own_id(tmp_path: Path) -> None:
    card = _card(tmp_path, HEADER + FIRST + FIRST)
    _correct(tmp_path, card, "r1#2", "share", "9")
    assert [_landed(card, id, "share")[0][2] for id in ("r1", "r1#2")] == [1.5, 9.0]


def test_a_text_that_held_an_address_is_corrected_as_it_was_landed(tmp_path: Path) -> None:
    card = _card(tmp_path, HEADER + FIRST.replace("Alpha", "Alpha (write to ada@alpha.example)") + SECOND)
    _correct(tmp_path, card, "r1", "city", "Alpha")
    assert "@" not in (card.folder / "corrections.csv").read_text()
    ((_, text, _, _, delivered),) = _landed(card, "r1", "city")
    assert text == "Alpha"
    assert delivered.startswith("Alpha (write to [") and "@" not in delivered


def test_lines_are_sorted_and_strict_csv(tmp_path: Path) -> None:
    card = _card(tmp_path)
    landed = land(card, tmp_path / "landing")
    correct(card, landed, "r2", "target", "Existing", 'said "yes",\nthen signed', DAY)
    correct(card, landed, "r1", "share", "2", "asked", DAY)
    correct(card, landed, "r1", "city", "Gamma", "asked", DAY, expected=" Alpha ")
    assert (card.folder / "corrections.csv").read_text() == (
        "response_id,question_code,expected,corrected,reason,decided_on\n"
        "r1,city, Alpha ,Gamma,asked,2026-01-02\n"
        "r1,share,1.5,2,asked,2026-01-02\n"
        'r2,target,Perhaps,Existing,"said ""yes"",\nthen signed",2026-01-02\n'
    )


@pytest.mark.parametrize(
    ("response", "question_code", "corrected", "told"),
    [
        ("r2", "target", "Maybe", "column corrected: 'Maybe' is no choice of the list target; allowed: Existing"),
        ("r2", "population", "few", "column corrected: 'few' is not a number"),
        ("r2", "population", "1.5", "column corrected: '1.5' is not a whole number"),
        ("r2", "population", "0", "column corrected: '0' is out of the bounds of population"),
        ("r2", "adopted", "soon", "column corrected: 'soon' is not a date"),
        ("r2", "targt", "Existing", "column question_code: the codebook has no question 'targt'. To do: write target."),
        ("r2", "respondent", "Eve", "column question_code: the answers to respondent are personal and never landed"),
        ("r2", "code", "r3", "question code tells the response_id of a row, which is read before corrections"),
        ("r3", "target", "Existing", "column response_id: eoi.2021 has no response 'r3'. To do: take the id from"),
        ("r1", "target", "Existing", "column corrected: the answer is 'Existing' already"),
        ("r1", "", "gone", "column corrected: 'gone' is no status of a response. To do: write one of complete,"),
        ("r1", "target[old]", "yes", "column question_code: 'old' is no choice of a multiple-choice question"),
        ("r1", "target[existing]", "yes", "'existing' is no choice of a multiple-choice question"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, response: str, question_code: str, corrected: str, told: str
) -> None:
    card = _card(tmp_path)
    with pytest.raises(CorrectionsError) as refused:
        _correct(tmp_path, card, response, question_code, corrected)
    assert told in str(refused.value)
    assert not (card.folder / "corrections.csv").exists()


def test_an_answer_is_corrected_once(tmp_path: Path) -> None:
    card = _card(tmp_path)
    _correct(tmp_path, card, "r2", "target", "Existing")
    with pytest.raises(CorrectionsError, match=r"corrections\.csv, row 2: the answer is corrected here already"):
        _correct(tmp_path, card, "r2", "target", "No target")


def test_lines_written_by_hand_are_checked_against_the_codebook_before_a_row_is_read(tmp_path: Path) -> None:
    card = _card(tmp_path)
    _write(card, ("r1", "target", "Existing", "Maybe"), ("r1", "respondent", "Ada", "Eve"), ("r1", "", "", "gone"))
    with pytest.raises(CorrectionsError) as refused:
        read_extract(card, load_codebook(card.folder))
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (2, "corrected"),
        (3, "question_code"),
        (4, "corrected"),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("r1", "target", "Planned; not adopted", "No target"), "but the extract says 'Existing'. To do: decide anew"),
        (("r1", "target", "No target", "Existing"), "To do: the source has been corrected: delete this line."),
        (("r1", "population", "7", "42"), "To do: the source has been corrected: delete this line."),
        (("r1", "share", "", "2"), "expects '', but the extract says '1.5'. To do: decide anew"),
        (
            ("r1", "support[money]", "", "yes"),
            "a choice is named only where it has a column of its own. To do: correct",
        ),
        (("r9", "target", "", "Existing"), "no answer of r9 to target is in the extract. To do: correct the ids"),
    ],
)
def test_a_correction_that_no_longer_fits_stops_the_round(tmp_path: Path, line: Sequence[str], told: str) -> None:
    card = _card(tmp_path)
    _write(card, line)
    with pytest.raises(ExtractError) as stopped:
        read_extract(card, load_codebook(card.folder))
    assert told in str(stopped.value)
    assert "corrections.csv, row 2" in str(stopped.value)


SPLIT = [question("text", "city", "City"), question("select_multiple help", "help", "Help")]
SPLIT_CHOICES = choices("help", money="Money", advice="Advice")


def _split(tmp_path: Path, money: Any = "Yes", advice: Any = None) -> RoundCard:
    header = ["City", "Help [Money]", "Help [Advice]", *METADATA]
    row = ["Alpha", money, advice, None, "id-1", None, Serial(45400), None, "EN"]
    card = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx"}
    return deliver(tmp_path / "seeds/rounds/eoi/2021", SPLIT, SPLIT_CHOICES, workbook(eusurvey(header, [row])), **card)


def test_a_choice_with_a_column_of_its_own_is_corrected_by_its_code(tmp_path: Path) -> None:
    card = _split(tmp_path)
    _correct(tmp_path, card, "id-1", "help[money]", "no")
    _correct(tmp_path, card, "id-1", "help[advice]", "yes")
    assert _lines(card) == ["id-1,help[advice],,yes,asked,2026-01-02", "id-1,help[money],yes,no,asked,2026-01-02"]
    assert _landed(card, "id-1", "help") == [("advice", None, None, None, "")]


def test_a_split_question_is_not_corrected_as_a_whole(tmp_path: Path) -> None:
    both = _split(tmp_path / "both", advice="Yes")
    with pytest.raises(CorrectionsError, match=r"in columns of their own.*To do: name the column: 'help\[CHOICE\]'"):
        _correct(tmp_path / "both", both, "id-1", "help", "Money")
    one = _split(tmp_path / "one")
    _write(one, ("id-1", "help", "Money", "Advice"))
    with pytest.raises(ExtractError, match=r"write one line a column, such as help\[money\]"):
        read_extract(one, load_codebook(one.folder))


def test_a_rejected_cell_of_a_split_question_needs_its_text(tmp_path: Path) -> None:
    card = _split(tmp_path, advice="perhaps")
    with pytest.raises(CorrectionsError, match=r"cells of the question were rejected.*--expect"):
        _correct(tmp_path, card, "id-1", "help[advice]", "yes")
    _correct(tmp_path, card, "id-1", "help[advice]", "yes", expected="perhaps")
    assert [row[0] for row in _landed(card, "id-1", "help")] == ["money", "advice"]
    assert [row[4] for row in _landed(card, "id-1", "help")] == [None, "perhaps"]


def test_from_a_rejected_answer_to_the_source_that_has_fixed_it(mini: Deployment) -> None:
    extract = mini.seeds / EXTRACT
    delivered = extract.read_text()
    extract.write_text(delivered.replace("250000,Yes", "250000,Perhaps [soon]"))
    mini.land()
    done = mini.needs(
        "corrections", "add", "pulse.2030", "B", "plan", "--to", "Yes", "--reason", "B wrote", "--date", "2031-01-02"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Perhaps [soon]" in done.stdout
    assert "changed since it was landed" in mini.needs("status").stdout
    report = mini.refresh()
    assert (report.rounds[0].rejected_answers_n, report.rounds[0].answers_n) == (0, 30)
    assert "no_answer_corrected" in report.checks[0].warnings
    with duckdb.connect(str(mini.settings.served_database), read_only=True) as connection:
        found = connection.execute(
            "select response_key, choice_code, delivered_text, source_row, source_column from facts.fct_answer "
            "where delivered_text is not null"
        ).fetchall()
    assert found == [("pulse.2030.B", "yes", "Perhaps [soon]", 3, 4)]
    assert "B wrote" in mini.needs("corrections", "list").stdout
    extract.write_text(delivered)
    with pytest.raises(
        RefreshError, match=r"row 2, column expected: .*the source has been corrected: delete this line"
    ):
        mini.refresh()


def test_the_command_asks_for_an_answer_or_a_status(refreshed: Deployment) -> None:
    for arguments in (("plan",), ("--to", "Yes"), ("plan", "--to", "Yes", "--status", "test")):
        done = refreshed.needs("corrections", "add", "pulse.2030", "B", *arguments, "--reason", "asked")
        assert done.returncode == 2
        assert "--status alone" in done.stderr
    assert "There is no correction." in refreshed.needs("corrections", "list").stdout
    done = refreshed.needs("corrections", "add", "pulse.2030", "B", "--status", "test", "--reason", "a try")
    assert done.returncode == 0, done.stderr
    text = (refreshed.seeds / EXTRACT).with_name("corrections.csv").read_text()
    assert text.splitlines()[1] == f"B,,complete,test,a try,{date.today().isoformat()}"
