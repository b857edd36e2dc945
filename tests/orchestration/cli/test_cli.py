"""The `needs` command as a user sees it."""

from io import StringIO

import pytest
from deployments import Deployment
from rich.console import Console

from orchestration.cli import query


def test_query_prints_a_table(refreshed: Deployment) -> None:
    done = refreshed.needs("query", "select cohort_code, label from dimensions.dim_cohort order by position")
    assert done.returncode == 0
    assert "Cities with a plan" in done.stdout


def test_query_prints_all_rows_as_csv(refreshed: Deployment) -> None:
    done = refreshed.needs("query", "--csv", "select choice_code from dimensions.dim_choice order by all limit 3")
    assert done.stdout.splitlines() == ['"choice_code"', '"1"', '"2"', '"3"']


def test_query_shows_a_text_in_brackets_as_it_is(refreshed: Deployment) -> None:
    assert "a [draft] plan" in refreshed.needs("query", "select 'a [draft] plan' as answer").stdout


def test_query_says_how_to_see_more(refreshed: Deployment) -> None:
    assert "--limit" in refreshed.needs("query", "--limit", "1", "from dimensions.dim_choice").stdout


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select * from gaps.gap_cub", "gap_cube"),
        ("drop table gaps.gap_cube", "read-only"),
        ("selct 1", "syntax error"),
    ],
)
def test_query_that_cannot_run_says_why(refreshed: Deployment, sql: str, told: str) -> None:
    done = refreshed.needs("query", sql)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_query_before_the_first_refresh_says_what_to_run(mini: Deployment) -> None:
    done = mini.needs("query", "select 1")
    assert done.returncode == 1
    assert "needs refresh" in done.stderr


def test_status_shows_rounds_waves_and_the_warehouse(refreshed: Deployment) -> None:
    shown = refreshed.needs("status").stdout
    for word in ("pulse.2030", "synthetic", "2030.0", "needs.duckdb"):
        assert word in shown


def test_status_shows_what_became_of_the_rows(refreshed: Deployment) -> None:
    shown = refreshed.needs("status").stdout.splitlines()
    assert ["pulse.2030", "8", "8", "0", "30", "0", "synthetic"] in [line.split() for line in shown]
    assert "tests" not in " ".join(shown)


def test_status_tells_a_round_that_changed_since_it_was_landed(refreshed: Deployment) -> None:
    extract = refreshed.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    extract.write_text(extract.read_text() + "I,,5000,No,3\n")
    assert "changed since it was landed" in refreshed.needs("status").stdout


def test_status_before_the_first_refresh(mini: Deployment) -> None:
    assert "not landed" in mini.needs("status").stdout


@pytest.mark.parametrize("width", [60, 100, 200])
def test_rows_fit_a_terminal_and_no_number_is_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(file=StringIO(), force_terminal=True, width=width, color_system=None, highlight=False)
    monkeypatch.setattr(query, "console", terminal)
    names = ["cohort_code", "member_label", "item_label", "n", "base_n", "share_pct", "verdict"]
    row = ("NMC", "Large metropolitan areas", "Lack of funding and financing schemes", 1234567, 7654321, 16.1290, None)
    query.show_rows(names, [row] * 3, 2)
    assert isinstance(terminal.file, StringIO)
    shown = terminal.file.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    for number in ("1234567", "7654321", "16.129"):
        assert shown.count(number) == 2
