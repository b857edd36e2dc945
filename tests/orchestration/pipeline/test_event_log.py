"""Events are written through one engine a process, into the file that Dagster's own class reads."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._daemon.asset_daemon import AssetDaemon
from dagster._daemon.controller import (
    DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE,
    THREAD_CHECK_INTERVAL,
    DagsterDaemonController,
)
from dagster._daemon.sensor import execute_sensor_iteration_loop
from dagster._grpc import server_watcher

from orchestration.deployment.storage import INSTANCES
from orchestration.pipeline import event_log
from orchestration.pipeline.at_rest import INTERVALS
from orchestration.pipeline.refresh import ensure_instance


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    ensure_instance(tmp_path)
    return tmp_path


def materialize(times: int = 1) -> None:
    with dg.DagsterInstance.get() as instance:
        for _ in range(times):
            assert dg.materialize([counted], instance=instance).success


def test_what_is_written_is_read_by_dagsters_own_class(home: Path) -> None:
    materialize()
    stock = ConsolidatedSqliteEventLogStorage(str(home))
    event = stock.get_latest_materialization_events([counted.key])[counted.key]
    assert event and event.asset_materialization
    assert event.asset_materialization.metadata["rows"].value == 3


def test_a_process_makes_one_engine_however_many_events_there_are(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = event_log.create_engine
    monkeypatch.setattr(event_log, "create_engine", lambda *args, **kwargs: made.append(args) or make(*args, **kwargs))
    materialize(times=3)
    assert len(made) == 1


READ_BY = {
    ("dagster._grpc.server_watcher", "WATCH_INTERVAL"): server_watcher.watch_grpc_server_thread,
    ("dagster._daemon.sensor", "MIN_INTERVAL_LOOP_TIME"): execute_sensor_iteration_loop,
    ("dagster._daemon.asset_daemon", "MIN_INTERVAL_LOOP_SECONDS"): AssetDaemon.core_loop,
    ("dagster._daemon.controller", "RELOAD_WORKSPACE_INTERVAL"): DagsterDaemonController.check_workspace_freshness,
}


@pytest.mark.parametrize(("module", "constant"), INTERVALS)
def test_whoever_has_an_instance_looks_seldom_for_something_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, module: str, constant: str
) -> None:
    monkeypatch.setattr(sys.modules[module], constant, 1)
    with dg.DagsterInstance.get():
        pass
    reads = READ_BY[module, constant]
    assert constant in reads.__code__.co_names, "Dagster looks it up each time that it waits"
    assert reads.__globals__[constant] == INTERVALS[module, constant] >= 15


@pytest.mark.parametrize(
    ("service", "constants"),
    [("dagster_webserver.cli", ["WATCH_INTERVAL"]), ("dagster._daemon.cli", [constant for _, constant in INTERVALS])],
)
def test_a_service_does_so_with_what_it_has_imported_by_then(home: Path, service: str, constants: list[str]) -> None:
    asked = [(module, constant) for module, constant in INTERVALS if constant in constants]
    script = (
        f"import importlib, {service}\n"
        "from dagster import DagsterInstance\n"
        "with DagsterInstance.get(): pass\n"
        f"print([getattr(importlib.import_module(module), constant) for module, constant in {asked}])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([INTERVALS[one] for one in asked])


def test_one_failure_to_read_the_code_server_does_not_end_the_daemon() -> None:
    seconds = INTERVALS["dagster._daemon.controller", "RELOAD_WORKSPACE_INTERVAL"]
    assert seconds + THREAD_CHECK_INTERVAL < DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE


def test_the_queue_is_looked_at_as_seldom(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        assert instance.run_coordinator.dequeue_interval_seconds == 15
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


@pytest.mark.parametrize("name", ["dagster._core.storage.event_log.Consolidated", "orchestration.pipeline.event_log."])
def test_settings_that_an_earlier_version_wrote_are_written_anew_and_others_stay(home: Path, name: str) -> None:
    settings = home / "dagster.yaml"
    ours = settings.read_text()
    module, _, kind = name.rpartition(".")
    kind = f"{kind}SqliteEventLogStorage" if kind else "EventLogStorage"
    settings.write_text(
        "telemetry:\n  enabled: false\nnux:\n  enabled: false\nconcurrency:\n  runs:\n    max_concurrent_runs: 1\n"
        f"event_log_storage:\n  module: {module}\n  class: {kind}\n  config:\n    base_dir:\n      env: DAGSTER_HOME\n"
    )
    ensure_instance(home)
    assert settings.read_text() == ours
    for text in (text for text in INSTANCES if "postgres" not in text):
        settings.write_text(text)
        ensure_instance(home)
        assert settings.read_text() == ours
    settings.write_text("telemetry:\n  enabled: false\n")
    ensure_instance(home)
    assert settings.read_text() == "telemetry:\n  enabled: false\n"
