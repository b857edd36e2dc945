"""Stages are logged with run, stage, round or wave, in files that are bounded."""

import json
from pathlib import Path

import pytest

from orchestration.deployment.runs import stage
from orchestration.settings import Log, Settings


def settings_of(folder: Path, **log: object) -> Settings:
    return Settings(data=folder, log=Log.model_validate(log))


def test_each_stage_is_a_line_of_json_when_it_begins_and_ends(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, format="json")
    with stage(settings, "run-1", "land", "pulse.2030") as found:
        found.facts["rows_in"] = 8
    with pytest.raises(ValueError, match="secret row"), stage(settings, "run-1", "draft", "2030"):
        raise ValueError("a secret row")
    text = (tmp_path / "logs/needs.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["run"], line["stage"], line.get("round"), line.get("wave"), line["event"]) for line in lines] == [
        ("run-1", "land", "pulse.2030", None, "started"),
        ("run-1", "land", "pulse.2030", None, "done"),
        ("run-1", "draft", None, "2030", "started"),
        ("run-1", "draft", None, "2030", "failed"),
    ]
    assert lines[1]["rows_in"] == 8
    assert lines[1]["seconds"] >= 0
    assert (lines[3]["level"], lines[3]["error"]) == ("error", "ValueError")
    assert "secret row" not in text
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_people_read_the_same_as_text_and_by_default_there_is_no_log(tmp_path: Path) -> None:
    with stage(settings_of(tmp_path), "run-1", "build"):
        pass
    assert not (tmp_path / "logs").exists()
    with stage(settings_of(tmp_path, format="text"), "run-1", "land", "pulse.2030") as found:
        found.facts["rows_in"] = 8
    last = (tmp_path / "logs/needs.log").read_text().splitlines()[-1]
    assert " info run-1 land pulse.2030 done seconds=" in last
    assert last.endswith(" rows_in=8")


def test_the_log_is_rotated(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, format="json", size=4096, files=2)
    for number in range(60):
        with stage(settings, f"run-{number}", "build"):
            pass
    files = {path.name: path.stat().st_size for path in (tmp_path / "logs").iterdir()}
    assert set(files) == {"needs.log", "needs.log.1", "needs.log.2"}
    assert max(files.values()) <= 4096


def test_a_log_that_cannot_be_written_stops_no_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").write_text("no folder")
    with stage(settings_of(tmp_path, format="json"), "run-1", "build") as found:
        found.facts["rows"] = 1
    assert capsys.readouterr().err == ""
