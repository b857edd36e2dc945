"""Which landed responses count: one rule, asked before there is a warehouse and in it."""

from pathlib import Path
from typing import Any

import duckdb
from deployments import Deployment

from orchestration.landing.landing import land
from orchestration.landing.submissions import read_submissions, standing_counts
from tests.orchestration.readers.deliveries import choices, csv_text, deliver, question, records

QUESTIONS = (
    question("text", "code", "Code", role="response_id"),
    question("text", "who", "Who", role="respondent"),
    question("select_one status", "status", "Status", role="status"),
    question("date", "sent", "Sent", role="submitted_at"),
    question("date", "changed", "Changed", role="updated_at"),
)
CHOICES = choices("status", complete="Done", incomplete="Open", test="Test")
COLUMNS = ("Code", "Who", "Status", "Sent", "Changed")


def _landed(folder: Path, *rows: tuple[str, ...]) -> Any:
    content = csv_text(COLUMNS, [dict(zip(COLUMNS, row, strict=True)) for row in rows])
    card = deliver(folder / "seeds/rounds/eoi/2021", QUESTIONS, CHOICES, content)
    return land(card, folder / "landing")


ROWS = (
    ("a", "ann", "Done", "2024-05-01", "2024-05-09"),
    ("b", "ann", "Done", "2024-05-02", ""),
    ("c", "ann", "Open", "2024-06-01", ""),
    ("d", "bob", "Test", "2024-06-01", ""),
    ("e", "", "Done", "2024-05-01", ""),
    ("f", "", "Done", "2024-05-01", ""),
    ("g", "eve", "Done", "2024-05-01", ""),
    ("h", "eve", "Done", "2024-05-01", ""),
    ("i", "eve", "Done", "", ""),
    ("", "joe", "Done", "", ""),
)
STANDINGS = [
    ("a", "ann", "counted"),
    ("b", "ann", "superseded"),
    ("c", "ann", "incomplete"),
    ("d", "bob", "test"),
    ("e", None, "counted"),
    ("f", None, "counted"),
    ("g", "eve", "superseded"),
    ("h", "eve", "counted"),
    ("i", "eve", "superseded"),
]


def test_every_landed_response_has_a_standing(tmp_path: Path) -> None:
    found = read_submissions(_landed(tmp_path, *ROWS).path)
    assert records(found, *found.column_names) == STANDINGS


def test_every_row_that_came_in_is_accounted_for(tmp_path: Path) -> None:
    landed = _landed(tmp_path, *ROWS)
    assert standing_counts(landed.submissions) == {"counted": 4, "superseded": 3, "incomplete": 1, "test": 1}
    counts = (landed.responses_n, landed.superseded_n, landed.incomplete_n, landed.test_n, landed.rejected_rows_n)
    assert counts == (4, 3, 1, 1, 1)
    assert landed.rows_in == sum(counts) == len(ROWS)


def test_a_path_with_a_quotation_mark_is_read(tmp_path: Path) -> None:
    assert standing_counts(_landed(tmp_path / "o'clock", *ROWS).submissions)["counted"] == 4


def test_the_warehouse_keeps_resubmissions_the_same_or_another_and_counts_the_last(mini: Deployment) -> None:
    extract = mini.seeds / "rounds/pulse/2030/extract.csv"
    extract.write_text(extract.read_text() + "B,,1000,No,1\nC,,200000,No,\n")
    report = mini.refresh()
    (rows,) = report.rounds
    assert (rows.rows_in, rows.responses_n, rows.superseded_n, rows.rejected_rows_n) == (10, 8, 2, 0)
    assert "respondents_answered_once" in report.checks[0].warnings
    with duckdb.connect(str(mini.settings.served_database), read_only=True) as connection:
        kept = connection.execute(
            "select response_id, standing, superseded_by, source_row from facts.fct_submission "
            "where respondent_id in ('B', 'C') order by landed_position"
        ).fetchall()
        counted = connection.execute("select response_key from facts.fct_response order by all").fetchall()
        answers = connection.execute("select count(*) from facts.fct_answer where response_key = 'pulse.2030.B'")
        assert answers.fetchall() == [(0,)]
    assert kept == [
        ("B", "superseded", "pulse.2030.B#2", 3),
        ("C", "superseded", "pulse.2030.C#2", 4),
        ("B#2", "counted", None, 10),
        ("C#2", "counted", None, 11),
    ]
    assert [key for (key,) in counted] == [f"pulse.2030.{city}" for city in ("A", "B#2", "C#2", *"DEFGH")]
