"""Events are written through one engine a process, into the file that Dagster's own class reads."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage

from orchestration.pipeline import event_log
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


def test_settings_that_an_earlier_version_wrote_are_written_anew_and_others_stay(home: Path) -> None:
    settings = home / "dagster.yaml"
    ours = settings.read_text()
    settings.write_text(
        ours.replace("orchestration.pipeline.event_log", "dagster._core.storage.event_log").replace(
            "class: EventLogStorage", "class: ConsolidatedSqliteEventLogStorage"
        )
    )
    ensure_instance(home)
    assert settings.read_text() == ours
    settings.write_text("telemetry:\n  enabled: false\n")
    ensure_instance(home)
    assert settings.read_text() == "telemetry:\n  enabled: false\n"
