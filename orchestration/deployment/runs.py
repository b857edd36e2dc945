"""The history of a deployment: each stage of each run with its time and its row accounting, in one small SQLite file.

Here: the stage that holds the lock and is remembered, and reading it back. Not here: Dagster's own run storage, what a
release says of its sources (release/manifest.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from orchestration.deployment.lock import hold_lock
from orchestration.settings import Settings

STARTED, DONE, FAILED, LOST = "started", "done", "failed", "lost"
_TABLE = """
create table if not exists stages (
    stage_id integer primary key,
    run_id text not null,
    stage text not null,
    of text not null,
    started_at text not null,
    seconds real,
    status text not null,
    facts text not null
) strict
"""


@dataclass(frozen=True)
class Stage:
    """A stage of a run: what it was of (a round, a wave, or nothing), when, how long, how it ended, what it counted."""

    run_id: str
    stage: str
    of: str
    started_at: str
    seconds: float | None
    status: str
    facts: dict[str, Any]


@contextmanager
def stage(
    settings: Settings, run_id: str, name: str, of: str = "", waiting: Callable[[str], object] | None = None
) -> Iterator[dict[str, Any]]:
    """A stage that waits for the lock and is remembered; facts put into the mapping are kept with it."""
    facts: dict[str, Any] = {}
    with hold_lock(settings, wait=True, waiting=waiting):
        start = perf_counter()
        stage_id = _start(settings, run_id, name, of)
        status = FAILED
        try:
            yield facts
            status = DONE
        finally:
            _end(settings, stage_id, status, perf_counter() - start, facts)


def stages(settings: Settings, limit: int) -> list[Stage]:
    """The last stages, the newest first."""
    if not _file(settings).exists():
        return []
    query = "select run_id, stage, of, started_at, seconds, status, facts from stages order by stage_id desc limit ?"
    with _opened(settings) as connection:
        rows = connection.execute(query, [limit]).fetchall()
    return [
        Stage(run_id, name, of, started_at, seconds, status, json.loads(facts))
        for run_id, name, of, started_at, seconds, status, facts in rows
    ]


def lost_stages(settings: Settings) -> list[Stage]:
    """Stages that are told as going on; nobody holds the lock, so their processes are gone."""
    return [stage for stage in stages(settings, -1) if stage.status == STARTED]


def _start(settings: Settings, run_id: str, name: str, of: str) -> int:
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    insert = "insert into stages (run_id, stage, of, started_at, status, facts) values (?, ?, ?, ?, ?, '{}')"
    with _opened(settings) as connection:
        connection.execute(_TABLE)
        # Whoever holds the lock is alone: what is told as going on was killed.
        connection.execute("update stages set status = ? where status = ?", [LOST, STARTED])
        return int(connection.execute(insert, [run_id, name, of, started_at, STARTED]).lastrowid or 0)


def _end(settings: Settings, stage_id: int, status: str, seconds: float, facts: dict[str, Any]) -> None:
    update = "update stages set status = ?, seconds = ?, facts = ? where stage_id = ?"
    with _opened(settings) as connection:
        connection.execute(update, [status, round(seconds, 3), json.dumps(facts, sort_keys=True), stage_id])


@contextmanager
def _opened(settings: Settings) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(_file(settings), timeout=30)) as connection, connection:
        yield connection


def _file(settings: Settings) -> Path:
    return settings.data.resolve() / "history.sqlite"
