"""What a command cannot work with is told in a line that says what to do: settings, places, ports, stores."""

import os
import re
import socket
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from deployments import Deployment, in_this_process
from rich.console import Console

from orchestration.cli import console as shown
from orchestration.common.progress import tell_progress
from orchestration.release.store import ReleaseError, ReleaseStore

COMMANDS = (["status"], ["doctor"], ["history"], ["query", "select 1"], ["release", "list"], ["refresh"], ["ui"])


def told(arguments: list[str], environment: dict[str, str]) -> str:
    """What a command says where it ends with an error that is no fault of ours."""
    done = in_this_process(arguments, environment)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("NEEDS_FETCH_TIMEOUT", "soon", ["valid number"]),
        ("NEEDS_EXTRACT_SIZE_LIMIT", "-1", ["greater than 0"]),
        ("NEEDS_DISCLOSURE__MINIMUM_FREQUENCY", "1", ["greater than or equal to 2"]),
        ("NEEDS_DISCLOSURE__MINIMUM_FREQENCY", "3", ["not permitted"]),
        ("NEEDS_ALERTS__EMAIL_TO", "needs@city.example", ["JSON"]),
        ("NEEDS_PUBLISHER__CONTACT_EMAIL", "nobody", ["pattern"]),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str, words: list[str]) -> None:
    for command in COMMANDS:
        said = told(command, {variable: value})
        assert said.startswith(f"{variable}: ")
        for word in words:
            assert word in said
        assert len(said.splitlines()) == 1


def test_a_secret_is_not_shown() -> None:
    secret = "https://hooks.example/T0/secret"
    variables = {"NEEDS_ALERTS__WEBHOOK": secret, "NEEDS_ALERTS__SMTP_PORT": "many"}
    said = told(["status"], variables)
    assert "NEEDS_ALERTS__SMTP_PORT" in said
    assert secret not in said


@pytest.mark.parametrize("variable", ["NEEDS_SEEDS", "NEEDS_DATA", "NEEDS_RELEASES", "NEEDS_SITE"])
@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_where_a_folder_belongs_is_named(variable: str, below: str, tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("")
    for command in COMMANDS:
        said = told(command, {variable: str(file / below)})
        assert said.startswith(f"{variable}: {file} is a file, not a folder.")


def test_a_link_to_nothing_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert "a link to nothing" in told(["status"], {"NEEDS_DATA": str(tmp_path / "link")})


@pytest.mark.parametrize("command", [["release", "list"], ["refresh"]], ids=" ".join)
def test_a_store_without_credentials_is_told_before_any_work(
    command: list[str], mini: Deployment, tmp_path: Path
) -> None:
    # In a process of its own: clients of stores are kept for the life of one.
    nobody = {name: "" for name in os.environ if name.startswith("AWS_")}
    nobody |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(tmp_path), "HOME": str(tmp_path)}
    nobody |= {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), "NEEDS_RELEASES": "s3://needs/releases"}
    done = mini.needs(*command, **nobody)
    said = " ".join(done.stderr.replace("│", " ").split())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "s3://needs/releases cannot be reached" in said
    assert "AWS_ACCESS_KEY_ID" in said
    assert not (mini.data / "landing").exists()


def test_a_protocol_that_nobody_knows_is_told() -> None:
    with pytest.raises(ReleaseError, match=r"gopher://needs cannot be reached.*NEEDS_RELEASES"):
        ReleaseStore("gopher://needs").names()


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("command", [["ui"], ["site", "serve"]], ids=" ".join)
def test_a_port_that_is_taken_is_told_with_its_process_and_a_free_one(
    command: list[str], taken: int, mini: Deployment
) -> None:
    said = told([*command, "--port", str(taken)], {"NEEDS_SEEDS": str(mini.seeds), "NEEDS_DATA": str(mini.data)})
    assert f"Port {taken} of 127.0.0.1 is taken by process {os.getpid()} (" in said
    offered = re.search(r"--port (\d+)", said)
    assert offered is not None
    with socket.create_server(("127.0.0.1", int(offered[1]))):
        pass


def test_the_version_is_shown() -> None:
    done = in_this_process(["--version"], {})
    assert done.returncode == 0
    assert re.fullmatch(r"needs \d+\.\d+\.\d+\n", done.stdout)


def test_a_stage_shows_for_how_long_and_how_far_it_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(file=StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(shown, "console", terminal)
    with shown.show_stage("land a round"):
        tell_progress("12,000 rows")
    assert isinstance(terminal.file, StringIO)
    said = terminal.file.getvalue()
    assert re.search(r"land a round.*0:00:0\d.*12,000 rows", said)
