"""Each stage of each run is remembered, with its time and what it counted."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.deployment.runs import REFRESH, Stage, is_damaged, lost_stages, newest, stage, stages
from orchestration.pipeline.refresh import RefreshError
from orchestration.settings import Settings


def test_a_refresh_is_remembered_stage_by_stage(refreshed: Deployment) -> None:
    found = stages(refreshed.settings, 10)
    assert [(one.stage, one.of, one.status) for one in reversed(found)] == [
        ("refresh", "", "done"),
        ("land", "pulse.2030", "done"),
        ("build", "", "done"),
        ("draft", "2030", "done"),
        ("publish", "2030", "done"),
        ("serve", "", "done"),
    ]
    landed, built, drafted = found[-2], found[-3], found[-4]
    assert (landed.facts["rows_in"], landed.facts["responses_n"], landed.facts["rejected_rows_n"]) == (8, 8, 0)
    assert {check["tool"] for check in built.checks} == {"great_expectations", "dbt"}
    assert {check["stage"] for check in drafted.checks} == {"gate 2030"}
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
    with stage(settings, "2", "serve") as found:
        found.facts["bytes"] = 7
    told = [(one.run_id, one.stage, one.status, one.facts) for one in stages(settings, 5)]
    assert told == [("2", "serve", "done", {"bytes": 7}), ("1", "build", "lost", {})]


def test_before_the_first_stage_there_is_no_history(tmp_path: Path) -> None:
    assert stages(Settings(data=tmp_path), 5) == []


def test_what_holds_a_stage_is_not_lost_when_that_begins(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with stage(settings, "1", "refresh"), stage(settings, "2", "build"):
        pass
    assert [(one.stage, one.status) for one in stages(settings, 5)] == [("build", "done"), ("refresh", "done")]


def test_the_newest_stage_is_asked_for_by_what_it_was_of_and_how_it_ended(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for run in "12":
        with stage(settings, run, "draft", "2030") as found:
            found.facts["files"] = int(run)
    with pytest.raises(ValueError, match="stopped"), stage(settings, "3", "draft", "2030"):
        raise ValueError("stopped")

    def told(one: Stage | None) -> tuple[str, str]:
        assert one is not None
        return one.run_id, one.status

    assert told(newest(settings, "draft", of="2030")) == ("3", "failed")
    assert told(newest(settings, "draft", of="2030", only_done=True)) == ("2", "done")
    assert newest(settings, "draft", of="2031") is None
    assert newest(settings, "publish", of="2030") is None


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_table_is_set_aside_and_begun_anew(tmp_path: Path, content: bytes) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "history.sqlite").write_bytes(content)
    assert is_damaged(settings)
    assert stages(settings, 5) == []
    with stage(settings, "1", "build"):
        pass
    assert not is_damaged(settings)
    assert [one.status for one in stages(settings, 5)] == ["done"]
    assert (tmp_path / "history.damaged").read_bytes() == content


def test_a_history_of_before_checks_were_kept_goes_on(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    old = "stage_id integer primary key, run_id text, stage text, of text, started_at text, seconds real, status text"
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as history, history:
        history.execute(f"create table stages ({old}, facts text not null) strict")
        history.execute("insert into stages values (1, '1', 'build', '', '2026-01-02', 3.5, 'done', '{}')")
    with stage(settings, "2", "serve"):
        pass
    assert [(one.stage, one.checks) for one in stages(settings, 5)] == [("serve", []), ("build", [])]


def test_without_its_table_a_deployment_refreshes_and_publishes(refreshed: Deployment) -> None:
    """A damaged one is as none (test_damage.py has what a refresh makes of it)."""
    before = refreshed.release_files()
    table = refreshed.data / "history.sqlite"
    for damage in (lambda: table.write_bytes(b"no database" * 500), partial(table.unlink, missing_ok=True)):
        damage()
        assert refreshed.needs("history").stdout.strip() == "No stage has run yet."
        told = refreshed.needs("release", "publish")
        assert told.returncode == 1
        assert "needs refresh" in told.stderr
    report = refreshed.refresh()
    assert not report.is_unchanged
    assert refreshed.release_files() == before
    assert refreshed.refresh().is_unchanged


def test_a_byte_that_was_flipped_in_a_fact_locks_nobody_out(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with stage(settings, "1", "serve") as found:
        found.facts["bytes"] = 7
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as history, history:
        history.execute("update stages set facts = '{\"bytes\"; 7}'")
    assert is_damaged(settings)
    assert stages(settings, 5) == []
    with stage(settings, "2", "serve"):
        pass
    assert [one.run_id for one in stages(settings, 5)] == ["2"]


def test_a_stage_whose_table_was_begun_anew_meanwhile_ends_as_a_row_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with stage(settings, "1", REFRESH) as outer:
        outer.facts["fingerprint"] = "a"
        (tmp_path / "history.sqlite").unlink()
        with stage(settings, "2", "land", "pulse.2030") as inner:
            inner.facts["rows_in"] = 8
    told = [(one.stage, one.status, one.facts) for one in stages(settings, 5)]
    assert told == [(REFRESH, "done", {"fingerprint": "a"}), ("land", "done", {"rows_in": 8})]


def test_the_table_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as history, history:
        history.execute(
            "create table stages (stage_id integer primary key, run_id text not null, stage text not null, of text "
            "not null, started_at text not null, seconds real, status text not null, facts text not null) strict"
        )
        history.execute("insert into stages values (1, 'r', 'land', 'pulse.2030', '2026-11-01', 1.5, 'started', '{}')")
    settings = Settings(data=tmp_path)
    assert [(one.stage, one.status, one.checks) for one in stages(settings, 5)] == [("land", "started", [])]
    assert [one.stage for one in lost_stages(settings)] == ["land"]
