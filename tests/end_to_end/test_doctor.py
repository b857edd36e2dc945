"""`needs doctor` names what is not as it should be and what mends it; `needs rebuild` and `needs refresh` mend it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
from damage import damage
from deployments import Deployment, unseen
from soak import rows_of

from orchestration.deployment.doctor import Finding, examine
from orchestration.pipeline.refresh import rebuild
from orchestration.pipeline.runs import lost_runs, run_tags


def findings(deployment: Deployment) -> list[Finding]:
    return list(examine(deployment.settings))


def landing(deployment: Deployment) -> Path:
    return next(path for path in (deployment.settings.landing / "pulse" / "2030").glob("[!.]*") if path.is_dir())


def test_a_sound_deployment_has_no_findings(refreshed: Deployment) -> None:
    done = refreshed.needs("doctor")
    assert (done.returncode, done.stdout.strip()) == (0, "Everything is as it should be.")


def test_each_damage_is_named_with_what_mends_it(refreshed: Deployment) -> None:
    folder = landing(refreshed)
    answers = folder / "answers.parquet"
    answers.write_bytes(answers.read_bytes()[:-20])
    release = refreshed.releases / "2030.0" / "public" / "cells.csv"
    release.chmod(0o644)
    release.write_text("changed")
    served = refreshed.settings.served_database
    damage(served, "cut")
    (refreshed.releases / "latest.json").write_text("{}")
    (refreshed.releases / ".2030.1.partial").mkdir()
    (folder.parent / ".landing-killed").mkdir()
    told = {(finding.part, finding.place): finding for finding in findings(refreshed)}
    assert set(told) == {
        ("landing", f"landing/pulse/2030/{folder.name}"),
        ("warehouse", "warehouse/needs.duckdb"),
        ("releases", "2030.0/public/cells.csv"),
        ("releases", ".2030.1.partial"),
        ("releases", "latest.json"),
        ("orphaned files", "landing/pulse/2030/.landing-killed"),
    }
    assert "needs refresh" in told["landing", f"landing/pulse/2030/{folder.name}"].to_do
    assert "needs rebuild" in told["warehouse", "warehouse/needs.duckdb"].to_do
    assert "backup" in told["releases", "2030.0/public/cells.csv"].to_do
    done = refreshed.needs("doctor")
    assert done.returncode == 1
    assert "2030.0/public/cells.csv" in done.stdout


def test_a_rebuild_needs_the_landing_alone_and_makes_the_same_rows(refreshed: Deployment) -> None:
    before = rows_of(refreshed.settings.served_database)
    for part in ("warehouse", "drafts", "dagster", "dbt"):
        shutil.rmtree(refreshed.data / part)
    (refreshed.seeds / "rounds" / "pulse" / "2030" / "extract.csv").unlink()
    assert {finding.place for finding in findings(refreshed)} == {"warehouse/needs.duckdb", "warehouse/checked.duckdb"}
    rebuild(refreshed.settings, unseen)
    assert rows_of(refreshed.settings.served_database) == before
    assert findings(refreshed) == []


def test_a_warehouse_that_cannot_be_read_is_made_of_what_is_landed(refreshed: Deployment) -> None:
    served = refreshed.settings.served_database
    served.write_bytes(served.read_bytes()[:1000])
    (found,) = findings(refreshed)
    assert "needs rebuild" in found.to_do


def test_an_empty_deployment_is_told_to_be_empty(mini: Deployment) -> None:
    done = mini.needs("doctor")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Nothing is landed, built or published in {mini.data} yet")
    assert "as it should be" not in done.stdout


def test_nothing_that_needs_seeds_is_advised_before_they_are_corrected(mini: Deployment) -> None:
    waves = mini.seeds / "waves.csv"
    waves.write_text(waves.read_text(encoding="utf-8").replace("open", "opne"), encoding="utf-8")
    done = mini.needs("doctor")
    assert done.returncode == 1
    assert "correct this first" in done.stdout
    assert any("waves.csv" in finding.found for finding in examine(mini.settings))
    assert "after that" in done.stdout
    shutil.rmtree(mini.seeds)
    assert "correct this first" in mini.needs("doctor").stdout


def test_a_refresh_removes_what_a_killed_one_left(refreshed: Deployment) -> None:
    (landing(refreshed).parent / ".landing-killed").mkdir()
    answers = landing(refreshed) / "answers.parquet"
    answers.write_bytes(answers.read_bytes()[:-20])
    manifest = refreshed.settings.dbt_target / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:1000])
    refreshed.settings.prepare_environment()
    with dg.DagsterInstance.get() as instance:
        instance.create_run_for_job(killed_job, tags=run_tags(), status=dg.DagsterRunStatus.STARTED)
    with closing(sqlite3.connect(refreshed.data / "history.sqlite")) as history, history:
        history.execute("update stages set status = 'started' where stage = 'build'")
    parts = {"landing", "warehouse", "orphaned files", "runs", "dbt"}
    assert {finding.part for finding in findings(refreshed)} == parts
    refreshed.refresh(force=True)
    assert findings(refreshed) == []
    with dg.DagsterInstance.get() as instance:
        assert lost_runs(instance) == []


def test_a_deleted_release_is_missed_and_its_name_not_given_again(refreshed: Deployment) -> None:
    shutil.rmtree(refreshed.releases / "2030.0")
    (told,) = [finding for finding in findings(refreshed) if finding.part == "releases" and finding.place == "2030.0"]
    assert (told.found, "backup" in told.to_do) == ("was published and is gone", True)
    done = refreshed.needs("release", "verify")
    assert (done.returncode, "2030.0  damaged" in done.stdout) == (1, True)
    report = refreshed.refresh()
    assert [release.name for release in report.releases] == ["2030.1"]


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def killed_job() -> None:
    """A job whose process is gone."""
    nothing()
