"""Each stage of each run is remembered, with its time and what it counted."""

from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.deployment.runs import stage, stages
from orchestration.pipeline.refresh import RefreshError
from orchestration.settings import Settings


def test_a_refresh_is_remembered_stage_by_stage(refreshed: Deployment) -> None:
    found = stages(refreshed.settings, 10)
    assert [(one.stage, one.of, one.status) for one in reversed(found)] == [
        ("land", "pulse.2030", "done"),
        ("build", "", "done"),
        ("draft", "2030", "done"),
        ("publish", "2030", "done"),
        ("serve", "", "done"),
    ]
    landed = found[-1]
    assert (landed.facts["rows_in"], landed.facts["responses_n"], landed.facts["rejected_rows_n"]) == (8, 8, 0)
    assert all(one.seconds is not None and one.seconds > 0 for one in found)
    done = refreshed.needs("history")
    assert done.returncode == 0
    assert "pulse.2030" in done.stdout
    assert "rows_in 8" in done.stdout


def test_a_stage_that_failed_is_remembered_as_failed(refreshed: Deployment) -> None:
    extract = refreshed.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    extract.write_text(extract.read_text().replace("900000", "-5"))
    with pytest.raises(RefreshError):
        refreshed.refresh()
    newest, *_ = stages(refreshed.settings, 1)
    assert (newest.stage, newest.of, newest.status) == ("land", "pulse.2030", "failed")


def test_a_stage_that_was_killed_is_told_as_lost_by_the_next(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    killed = stage(settings, "1", "build")
    killed.__enter__()
    with stage(settings, "2", "serve") as facts:
        facts["bytes"] = 7
    told = [(one.run_id, one.stage, one.status, one.facts) for one in stages(settings, 5)]
    assert told == [("2", "serve", "done", {"bytes": 7}), ("1", "build", "lost", {})]


def test_before_the_first_stage_there_is_no_history(tmp_path: Path) -> None:
    assert stages(Settings(data=tmp_path), 5) == []
