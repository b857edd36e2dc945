"""How commands end: in the words of an error that says what to do, in a traceback for a fault of ours, interrupted."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli.console import Commands, console, make_table, tell_errors
from orchestration.cli.main import app
from orchestration.deployment.lock import BusyError
from orchestration.release.store import ReleaseError

INTERRUPTED = """
import signal, time, typer
from orchestration.cli.console import Commands
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
app = typer.Typer(cls=Commands)

@app.command()
def wait():
    print("begun", flush=True)
    time.sleep(60)

@app.command()
def other():
    pass

app()
"""


def run(error: BaseException, title: str = "") -> tuple[int, str, BaseException | None]:
    """Status, what was shown and what was raised by a command that fails."""
    failing = typer.Typer(cls=Commands, pretty_exceptions_enable=False)

    @failing.command()
    def fail() -> None:
        with tell_errors(title, "Nothing has changed."):
            raise error

    @failing.command()
    def other() -> None:
        pass

    done = CliRunner().invoke(failing, ["fail"])
    return done.exit_code, done.output, done.exception


@pytest.mark.parametrize(
    "error",
    [
        BusyError("Wait [a while]."),
        ReleaseError("Wait [a while]."),
        ValueError("Wait [a while]."),
        OSError("Wait [a while]."),
        duckdb.CatalogException("Wait [a while]."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_says_what_to_do_is_told_in_its_own_words(error: Exception) -> None:
    status, shown, _ = run(error)
    assert (status, shown) == (1, "Wait [a while].\nNothing has changed.\n")


def test_an_error_with_a_title_stands_in_a_frame() -> None:
    status, shown, _ = run(ValueError("Wait."), "refresh stopped")
    assert status == 1
    assert [line.strip("╭╮╰╯│─ ") for line in shown.splitlines()] == [
        "refresh stopped",
        "Wait.",
        "",
        "Nothing has changed.",
    ]


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    status, shown, raised = run(ZeroDivisionError("division by zero"))
    assert (status, shown) == (1, "")
    assert isinstance(raised, ZeroDivisionError)


def test_seeds_that_cannot_be_read_are_told_by_every_command(tmp_path: Path) -> None:
    environment = {"NEEDS_SEEDS": str(tmp_path / "none"), "NEEDS_DATA": str(tmp_path / "data")}
    for command in (["status"], ["rejects"], ["corrections", "list"], ["round", "check", "a/1"], ["release", "gate"]):
        done = CliRunner(env=environment).invoke(app, command)
        assert (command, done.exit_code) == (command, 1)
        assert str(tmp_path / "none") in done.output.replace("\n", "")
        assert isinstance(done.exception, SystemExit), "no traceback"


def test_an_interrupted_command_ends_at_once_with_one_line() -> None:
    program = [sys.executable, "-c", INTERRUPTED, "wait"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
    assert (running.returncode, told) == (130, "Interrupted.\n")


def test_a_text_in_a_table_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.print(make_table(("what", "n"), [("a [draft] plan", 3), (None, "[/]")]))
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["a", "[draft]", "plan", "3"] in shown
    assert ["[/]"] in shown


def test_without_its_checkout_the_command_says_where_it_runs_from(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    copied = tmp_path / "installed"
    shutil.copytree(root / "orchestration", copied / "orchestration", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-c", "from orchestration.cli.main import app; app()", "status"]
    done = subprocess.run(
        command, cwd=copied, env=os.environ | {"PYTHONPATH": str(copied)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "It runs from a checkout: clone the project, run `make refresh` there" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
