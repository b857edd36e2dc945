"""Files of a deployment that SQLite and Dagster write for themselves: whether they are whole, and setting one aside.

Not here: what stands in them (runs.py, pipeline/).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from sqlite3 import OperationalError

from yaml import YAMLError

SETTINGS_OF_DAGSTER = "dagster.yaml"
_QUIET = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
_WORKERS = (
    "run_launcher:\n  module: orchestration.pipeline.workers\n  class: RunLauncher\n"
    "run_monitoring:\n  enabled: true\n  start_timeout_seconds: 300\n  poll_interval_seconds: 60\n"
)
_ONE_BY_ONE = "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
# The queue is looked at every 15 seconds, and not every five: of all that the daemon does at rest it took the most.
_QUEUE = (
    f"{_ONE_BY_ONE}run_coordinator:\n  module: dagster._core.run_coordinator\n  class: QueuedRunCoordinator\n"
    "  config:\n    dequeue_interval_seconds: 15\n"
)
_EVENT_LOG = (
    "event_log_storage:\n  module: {module}\n  class: {name}\n  config:\n    base_dir:\n      env: DAGSTER_HOME\n"
)
# All runs write their events into one database: one a run, Dagster's default, takes a second database for each event.
_OURS = _EVENT_LOG.format(module="orchestration.pipeline.event_log", name="EventLogStorage")
_STOCK = _EVENT_LOG.format(module="dagster._core.storage.event_log", name="ConsolidatedSqliteEventLogStorage")
_POSTGRES = (
    "storage:\n  custom:\n    module: orchestration.pipeline.postgres\n    class: PostgresStorage\n"
    "    config:\n      postgres_url:\n        env: NEEDS_DAGSTER_STORAGE\n"
)
INSTANCE = f"{_QUIET}{_WORKERS}{_QUEUE}{_OURS}"
INSTANCE_IN_POSTGRES = f"{_QUIET}{_WORKERS}{_QUEUE}{_POSTGRES}"
_EARLIER = (
    *(f"{_QUIET}{_ONE_BY_ONE}{log}" for log in (_STOCK, _OURS)),
    *(f"{_QUIET}{_WORKERS}{_ONE_BY_ONE}{storage}" for storage in (_OURS, _POSTGRES)),
)
# All settings that are ours to write anew.
INSTANCES = (INSTANCE, INSTANCE_IN_POSTGRES, *_EARLIER)
_BESIDE = ("-journal", "-wal", "-shm")
# Columns of Dagster's tables whose texts it reads as JSON.
_JSON_OF_DAGSTER = {"event_logs": "event", "runs": "run_body", "jobs": "job_body", "job_ticks": "tick_body"}


def is_sound(path: Path, json_columns: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether a SQLite file can be read, in its pages and in the JSON of some columns, each with its table.

    A file that is not there, or is held by somebody else just now, is not damaged.
    """
    if path.exists() and not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", timeout=30, uri=True)) as connection:
            if connection.execute("pragma quick_check").fetchone() != ("ok",):
                return False
            tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
            unreadable = (
                connection.execute(f"select count(*) from {table} where not json_valid({column})").fetchone()[0]  # nosec B608
                for table, column in json_columns
                if table in tables
            )
            return not any(unreadable)
    except OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False


def compact(path: Path) -> None:
    """Write a SQLite file anew: what was deleted stands in its free pages until then.

    One that somebody else writes to stays as it is for now.
    """
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection, suppress(OperationalError):
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")


def databases(dagster_home: Path) -> list[Path]:
    """Files of Dagster's storage in SQLite."""
    return sorted(dagster_home.rglob("*.db"))


def damaged_files(dagster_home: Path) -> list[Path]:
    """Files of Dagster that it could not read: databases, and its settings."""
    settings = dagster_home / SETTINGS_OF_DAGSTER
    damaged = [path for path in databases(dagster_home) if not is_sound(path, _JSON_OF_DAGSTER.items())]
    return [*damaged, *([settings] if settings.exists() and not _says_settings(settings) else [])]


def _says_settings(path: Path) -> bool:
    """Whether there are settings in a file that Dagster takes, and not only the beginning of those that we write."""
    content = path.read_bytes()
    if content in [text.encode() for text in INSTANCES]:
        return True
    return not any(text.encode().startswith(content) for text in INSTANCES) and _are_taken(path)


def _are_taken(path: Path) -> bool:
    """Whether Dagster takes settings that somebody wrote, or that were damaged: it knows which there are."""
    from dagster import DagsterError
    from dagster._check import CheckError
    from dagster._config import validate_config
    from dagster._core.instance.config import dagster_instance_config

    try:
        settings, _ = dagster_instance_config(str(path.parent), path.name)
        parts = [part for part in settings.values() if isinstance(part, dict) and {"module", "class"} <= part.keys()]
        kinds = [(getattr(import_module(part["module"]), part["class"]), part.get("config")) for part in parts]
        return all(validate_config(kind.config_type(), config or {}).success for kind, config in kinds)
    except (DagsterError, CheckError, YAMLError, ImportError, ValueError, TypeError, AttributeError):
        return False


def set_aside(path: Path) -> Path:
    """Give a damaged file another name, so that it is begun anew; returns where it is now."""
    aside = path.with_suffix(".damaged")
    path.replace(aside)
    for ending in _BESIDE:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    return aside
