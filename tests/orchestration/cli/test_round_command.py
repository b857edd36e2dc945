"""`needs round` as a user sees it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app

EXTRACT = "Response ID,Plan\n" + "".join(f"r{n},{'Yes' if n % 2 else 'No'}\n" for n in range(8))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NEEDS_SEEDS", str(tmp_path / "seeds"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "e.csv").write_text(EXTRACT)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["round", *arguments])
        return done.exit_code, " ".join(word for word in done.output.split() if word != "│")

    return run


def new(tmp_path: Path, name: str) -> list[str]:
    return ["new", str(tmp_path / "e.csv"), "--instrument", "x", "--round", name]


SAID = ("--title", "T", "--producer", "P", "--licence", "L", "--citation", "C", "--synthetic")


def test_a_new_instrument_from_extract_to_items(run, tmp_path: Path) -> None:
    code, said = run(*new(tmp_path, "2024"), *SAID, "--fieldwork", "2024-04-01/2024-05-31")
    assert code == 0
    assert "needs round check x/2024" in said
    code, said = run("check", "x/2024")
    assert (code, "Rows 8, responses 8, expected 8." in said) == (0, True)
    code, said = run("start", "x/2024", "--wave", "2024")
    assert (code, "item_sources.csv: plan,x,2024,plan,same,,same," in said) == (0, True)
    code, said = run(*new(tmp_path, "2025"), *SAID, "--fieldwork", "unknown")
    assert (code, "crosswalk.csv" in said) == (0, True)
    assert "2 rows of crosswalk.csv are not confirmed" in run("check", "x/2025")[1]
    with (tmp_path / "seeds" / "waves.csv").open("a") as file:
        file.write("2025,Wave 2025,Second,planned,2025,,\n")
    code, said = run("confirm", "x/2025", "--all", "--wave", "2025")
    assert (code, "2 rows confirmed now, 0 still open." in said) == (0, True)
    assert "item_sources.csv: plan,x,2025,plan,same,,same," in said


def test_a_card_with_placeholders_is_refused_with_what_to_write(run, tmp_path: Path) -> None:
    code, said = run(*new(tmp_path, "2024"))
    assert (code, "fill in who made the survey" in said) == (0, True)
    code, said = run("check", "x/2024")
    assert (code, "producer is not filled in yet" in said) == (1, True)


def test_a_faulty_command_says_what_to_do_without_a_traceback(run, tmp_path: Path) -> None:
    for arguments, told in (
        (["new", "gone.csv", "--instrument", "x", "--round", "1"], "there is no such file"),
        ([*new(tmp_path, "2024"), "--fieldwork", "May"], "2025-04-01/2025-05-31"),
        (["check", "x/2030"], "there is no round 'x/2030'"),
        (["confirm", "x/2030"], "there is no round 'x/2030'"),
        (["start", "x/2030", "--wave", "1"], "there is no round 'x/2030'"),
    ):
        code, said = run(*arguments)
        assert code != 0
        assert told in said
        assert "Traceback" not in said
