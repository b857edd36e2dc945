"""Dagster's storage that cannot be read is set aside with a word, and settings that it does not take are named."""

from pathlib import Path

import dagster as dg
import pytest
from dagster_shared.serdes.errors import DeserializationError

from orchestration.deployment.storage import INSTANCE, damaged_files
from orchestration.pipeline.refresh import _run, ensure_instance
from orchestration.pipeline.runs import StorageError, open_instance


@dg.asset
def unreadable() -> None:
    """Reads a row that is not what Dagster wrote."""
    raise DeserializationError("not expected")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    ensure_instance(tmp_path)
    return tmp_path


def test_storage_with_a_row_that_cannot_be_read_is_set_aside_and_begun_anew(home: Path) -> None:
    definitions = dg.Definitions([unreadable], jobs=[dg.define_asset_job("read", [unreadable])])
    told = r"begun anew: .*runs\.damaged.* To do: run this again"
    with pytest.raises(StorageError, match=told), open_instance(home) as instance:
        _run(definitions, instance, "read")
    assert (home / "event_log.damaged").exists()
    with open_instance(home) as instance:
        assert instance.get_runs() == []


def test_another_error_sets_nothing_aside(home: Path) -> None:
    with pytest.raises(ValueError, match="mine"), open_instance(home):
        raise ValueError("mine")
    assert not list(home.rglob("*.damaged"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("telemetry", "telemetri"),
        ("enabled: true", "enabled: trve"),
        ("pipeline.workers", "pipeline.wnrkers"),
        ("class: RunLauncher", "class: RunLaunchar"),
        ("base_dir", "base_dis"),
        (INSTANCE[len(INSTANCE) // 2 :], ""),
        (INSTANCE, ""),
        (INSTANCE, "- a list"),
    ],
)
def test_settings_that_dagster_would_not_take_are_known_to_be_damaged(home: Path, old: str, new: str) -> None:
    assert damaged_files(home) == []
    (home / "dagster.yaml").write_text(INSTANCE.replace(old, new, 1))
    assert damaged_files(home) == [home / "dagster.yaml"]


def test_settings_of_somebody_else_stay(home: Path) -> None:
    (home / "dagster.yaml").write_text(
        "telemetry:\n  enabled: false\nconcurrency:\n  runs:\n    max_concurrent_runs: 2\n"
    )
    assert damaged_files(home) == []


def test_settings_that_cannot_be_loaded_are_named_with_what_to_do(home: Path) -> None:
    (home / "dagster.yaml").write_text(INSTANCE.replace("DAGSTER_HOME", "DAGSTER_HOLE"))
    told = r"dagster\.yaml says nothing that Dagster takes: .* To do: correct it"
    with pytest.raises(StorageError, match=told), open_instance(home):
        pass
