"""Events are written through one engine a process, into the file that Dagster's own class reads."""

import threading
from pathlib import Path
from unittest.mock import create_autospec

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._grpc import server_watcher
from dagster._grpc.client import DagsterGrpcClient

from orchestration.pipeline import event_log
from orchestration.pipeline.at_rest import WATCH_SECONDS
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


class _Ended(threading.Event):
    """Tells how long it was to be waited for, and ends the thread that waits."""

    waited: float | None = None

    def wait(self, timeout: float | None = None) -> bool:
        self.waited = timeout
        self.set()
        return True


def test_whoever_has_an_instance_looks_after_the_code_server_seldom(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_watcher, "WATCH_INTERVAL", 1)
    with dg.DagsterInstance.get():
        pass
    client, ended = create_autospec(DagsterGrpcClient, instance=True), _Ended()
    client.get_server_id.return_value = "the same"
    told = dict.fromkeys(("refresh_code_location", "on_disconnect", "on_reconnected", "on_updated", "on_error"), print)
    server_watcher.watch_grpc_server_thread(
        "needs", client, shutdown_event=ended, get_location_entry=lambda _: None, **told
    )
    assert client.get_server_id.called
    assert ended.waited == WATCH_SECONDS


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
    settings.write_text("telemetry:\n  enabled: false\n")
    ensure_instance(home)
    assert settings.read_text() == "telemetry:\n  enabled: false\n"
