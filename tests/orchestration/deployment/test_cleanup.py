"""What is kept no longer is shown, then removed; what anything hangs on stays."""

import os
import shutil
import time
from pathlib import Path

import dagster as dg
import pytest
from deployments import Deployment

from orchestration.deployment.doctor import examine
from orchestration.deployment.runs import drop_old_stages, newest, stage, stages
from orchestration.pipeline.refresh import ensure_instance
from orchestration.pipeline.retention import clean_up, forget_old_runs, superfluous_runs
from orchestration.settings import Retention, Settings

OLD = time.time() - 40 * 24 * 3600


def keeping(settings: Settings, **kept: int) -> Settings:
    return settings.model_copy(update={"keep": Retention.model_construct(**{**Retention().model_dump(), **kept})})


def names_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_is_superfluous_is_shown_and_then_removed(refreshed: Deployment) -> None:
    rounds = refreshed.settings.landing / "pulse" / "2030"
    (current,) = (path for path in rounds.glob("[!.]*") if path.is_dir())
    for number in range(5):
        earlier = rounds / f"{number:016x}"
        shutil.copytree(current, earlier)
        shutil.copyfile(f"{current}.door.json", f"{earlier}.door.json")
        os.utime(earlier, (OLD + number, OLD + number))
    shutil.copytree(refreshed.settings.drafts / "2030", refreshed.settings.drafts / "1999")
    printed = refreshed.settings.dagster_home / "storage" / "some-run"
    printed.mkdir(parents=True)
    damaged = refreshed.data / "history.damaged"
    damaged.write_text("x")
    for path in (printed, damaged):
        os.utime(path, (OLD, OLD))
    before = {path.as_posix() for path in refreshed.data.rglob("*")}

    shown = refreshed.needs("cleanup", "--dry-run")
    assert shown.returncode == 0
    assert "Nothing was removed" in shown.stdout
    assert before <= {path.as_posix() for path in refreshed.data.rglob("*")}
    done = clean_up(refreshed.settings, is_dry=False)
    assert {(found.part, found.path.name) for found, _ in done.files} == {
        ("landings", f"{0:016x}"),
        ("landings", f"{1:016x}"),
        ("drafts", "1999"),
        ("logs", "some-run"),
        ("damaged", "history.damaged"),
    }
    assert all(size > 0 for found, size in done.files if found.part != "logs")
    kept = {current.name, *(f"{number:016x}" for number in (2, 3, 4))}
    assert names_of(rounds) == {"current", *kept, *(f"{name}.door.json" for name in kept)}
    assert names_of(refreshed.settings.drafts) == {"2030"}
    assert list(examine(refreshed.settings)) == []
    assert refreshed.refresh().is_unchanged
    assert clean_up(refreshed.settings, is_dry=False).files == ()


PARTITIONS = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset(partitions_def=PARTITIONS, check_specs=[dg.AssetCheckSpec("looked_at", asset="parted")])
def parted():
    """Of two partitions."""
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True, metadata={"x": "y"})])


@dg.asset
def whole() -> None:
    """Made once."""


def test_the_event_log_is_bounded_and_nothing_that_is_there_counts_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = keeping(Settings(data=tmp_path), runs=3)
    settings.dagster_home.mkdir(parents=True)
    monkeypatch.setenv("DAGSTER_HOME", str(settings.dagster_home))
    ensure_instance(settings.dagster_home)
    log = settings.dagster_home / "event_log.db"
    with dg.DagsterInstance.get() as instance:
        dg.materialize([whole], instance=instance)
        dg.materialize([parted], instance=instance, partition_key="b")
        for _ in range(8):
            dg.materialize([parted], instance=instance, partition_key="a")
        before = log.stat().st_size
        going_on = instance.create_run_for_job(idle, status=dg.DagsterRunStatus.STARTED)
        assert forget_old_runs(settings, instance) == 5
        assert len(instance.get_runs()) == 3 + 2 + 1
        assert instance.get_run_by_id(going_on.run_id) is not None
        assert set(instance.get_materialized_partitions(parted.key)) == {"a", "b"}
        assert instance.get_latest_materialization_event(whole.key) is not None
        assert superfluous_runs(settings, instance) == set()
        checks = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(parted.key, "looked_at"), limit=99
        )
        assert len(checks) == 4
        assert log.stat().st_size < before


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def idle() -> None:
    """A job of one step."""
    nothing()


def test_old_stages_go_but_for_the_newest_of_each(tmp_path: Path) -> None:
    settings = keeping(Settings(data=tmp_path), stages=4)
    with stage(settings, "0", "land", "pulse.2030"):
        pass
    for number in range(8):
        with stage(settings, str(number), "build"):
            pass
    assert drop_old_stages(settings, is_dry=True) == 4
    assert len(stages(settings, 99)) == 9
    assert drop_old_stages(settings) == 4
    assert len(stages(settings, 99)) == 5
    assert newest(settings, "land", of="pulse.2030", only_done=True) is not None
