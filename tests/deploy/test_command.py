"""The command by hand has the settings of the services, each as it stands in their file."""

import getpass
import json
import os
import subprocess
from pathlib import Path

import pytest
from units import CODE, DEPLOY, settings_lines

from orchestration.settings import load_settings

PRINTS = """#!/bin/sh
exec python3 -c "import json, os, sys; print(json.dumps([dict(os.environ), sys.argv[1:], os.getcwd()]))" "$@"
"""


def by_hand(folder: Path, settings: str, *words: str) -> tuple[dict[str, str], list[str], str]:
    """What `deploy/needs` starts in the place of the command: its environment, its words, its folder."""
    program = folder / "code" / ".venv" / "bin" / "needs"
    program.parent.mkdir(parents=True)
    program.write_text(PRINTS, encoding="utf-8")
    program.chmod(0o755)
    (folder / "environment").write_text(settings, encoding="utf-8")
    text = (DEPLOY / "needs").read_text(encoding="utf-8")
    places = {
        "settings=/etc/needs/environment": f"settings={folder / 'environment'}",
        CODE: str(folder / "code"),
        "!= needs ]": f"!= {getpass.getuser()} ]",
    }
    for place, here in places.items():
        assert place in text, place
        text = text.replace(place, here)
    script = folder / "needs"
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    done = subprocess.run([str(script), *words], check=True, capture_output=True, text=True)
    environment, passed, place = json.loads(done.stdout)
    return environment, passed, place


def test_it_has_each_setting_as_it_stands_and_passes_its_words_on(tmp_path: Path) -> None:
    lines = [*settings_lines(), "NEEDS_PUBLISHER__NAME=Office of $HOME & `more`  ", "X=a # b"]
    environment, words, place = by_hand(tmp_path, "# a comment\n\n" + "\n".join(lines), "explain", "a b", "*")
    expected = dict(line.split("=", 1) for line in lines)
    assert len(expected) > 15
    assert {name: environment[name] for name in expected} == expected
    assert words == ["explain", "a b", "*"]
    assert place == str(tmp_path / "code")


def test_each_setting_of_the_example_is_one_that_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment, *_ = by_hand(tmp_path, "\n".join(settings_lines()))
    for name in [name for name in os.environ if name.startswith("NEEDS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        # Examples without a value stand for a name, an address or a secret.
        if name.startswith("NEEDS_") and value:
            monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.alerts.email_to == ("data-team@example.org",)
    assert (settings.log.format, settings.keep.runs, str(settings.site)) == ("json", 300, "/var/www/needs")
    assert json.loads(environment["FSSPEC_HTTPS"])["headers"]
