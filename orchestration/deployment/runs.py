"""The run table of a deployment: each stage of each run with its time, its facts and its checks, in one SQLite file.

What a run did is kept here and nowhere else: `needs history` and `needs status`, the report of a refresh, whether
anything changed since the last one, the doctor and the manifest of a release read it. Two records stay with what they
describe: that of a landing, beside its Parquet, so that a warehouse can be built of landings alone (landing.py), and in
a warehouse what it was built from and by which run (build_record.py).

Rows are written in transactions by whoever holds the lock. A table that cannot be read is set aside and begun anew:
then nothing counts as done, and a refresh just runs. Not here: Dagster's own run storage.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from orchestration.deployment.addresses import tell_address
from orchestration.deployment.formats import RUN_TABLE_FORMAT, refuse_later, tell_format
from orchestration.deployment.lock import hold_lock
from orchestration.deployment.log import log_stage
from orchestration.deployment.storage import compact, is_sound, set_aside
from orchestration.settings import Settings

STARTED, DONE, FAILED, LOST = "started", "done", "failed", "lost"
# Stages that hold others: they go on while those begin and end.
REFRESH, REBUILD = HOLDING = ("refresh", "rebuild")
DRAFT, GATE, PUBLISH = "draft", "gate", "publish"
# In the place of the id of a run: what a command does without Dagster.
COMMAND = "command"
_COLUMNS = "run_id, stage, of, started_at, seconds, status, facts"
_TABLE = """
create table if not exists stages (
    stage_id integer primary key,
    run_id text not null,
    stage text not null,
    of text not null,
    started_at text not null,
    seconds real,
    status text not null,
    facts text not null,
    checks text not null default '[]'
) strict
"""
_LATER = (
    "select 1 from stages as later where later.stage = stages.stage and later.of = stages.of "
    f"and later.status = '{DONE}' and later.stage_id > stages.stage_id"  # nosec B608
)


@dataclass(frozen=True)
class Stage:
    """A stage of a run: what it was of (a round, a wave, or nothing), when, how long, how it ended, what it found.

    `checks` are entries of the manifest; those of a draft also have what Great Expectations said.
    """

    run_id: str
    stage: str
    of: str
    started_at: str
    seconds: float | None
    status: str
    facts: dict[str, Any]
    checks: list[dict[str, Any]]


@dataclass
class Findings:
    """What a stage that goes on has counted and checked so far."""

    facts: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def stage(
    settings: Settings, run_id: str, name: str, of: str = "", waiting: Callable[[str], object] | None = None
) -> Iterator[Findings]:
    """A stage that holds the lock and is remembered with its findings.

    It waits for the lock where there is somebody to tell (`waiting`), else raises BusyError.
    """
    found = Findings()
    with hold_lock(settings, wait=waiting is not None, waiting=waiting):
        refuse_later(settings, with_releases=False)
        start = perf_counter()
        with tell_address(settings):
            stage_id = _start(settings, run_id, name, of)
        log_stage(settings, run_id, name, of, STARTED, {})

        def end(status: str, error: str = "") -> None:
            told = json.dumps(found.facts), json.dumps(found.checks, ensure_ascii=False)
            seconds = round(perf_counter() - start, 3)
            tell_format(settings, name)
            log_stage(settings, run_id, name, of, status, {"seconds": seconds, **found.facts}, error)
            _end(settings, stage_id, (run_id, name, of), (status, seconds, *told))

        try:
            with tell_address(settings):
                yield found
        except BaseException as error:
            # What stopped the stage may stop its row as well: the first is told.
            with suppress(sqlite3.Error, OSError):
                end(FAILED, type(error).__name__)
            raise
        with tell_address(settings):
            end(DONE)


def stages(settings: Settings, limit: int) -> list[Stage]:
    """The last stages, the newest first; none where the table cannot be read."""
    return _read(settings, "order by stage_id desc limit ?", [limit])


def newest_of_each(settings: Settings) -> list[Stage]:
    """The newest stage of each name and round or wave, in the order they began."""
    later = "select 1 from stages as later where later.stage = stages.stage and later.of = stages.of "
    return _read(settings, f"where not exists ({later} and later.stage_id > stages.stage_id) order by stage_id", [])


def newest(
    settings: Settings, *names: str, of: str = "", run_id: str | None = None, only_done: bool = False
) -> Stage | None:
    """The newest stage of these names, of a round or wave or of nothing; of one run, and only if done, where asked."""
    where = f"where stage in ({', '.join('?' * len(names))}) and of = ? and run_id = coalesce(?, run_id)"
    done = f"and status = '{DONE}'" if only_done else ""
    found = _read(settings, f"{where} {done} order by stage_id desc limit 1", [*names, of, run_id])
    return found[0] if found else None


def drop_superseded_checks(settings: Settings) -> None:
    """Take out what was checked in stages that were done again since: it may name responses that are forgotten."""
    with _opened(settings) as connection:
        connection.execute(f"update stages set checks = '[]' where exists ({_LATER})")  # nosec B608
    compact(table_file(settings))


def drop_old_stages(settings: Settings, *, is_dry: bool = False) -> int:
    """Take the oldest stages out, beyond those that are kept and the newest of each round and wave, or only count."""
    if not table_file(settings).exists() or is_damaged(settings):
        return 0
    beyond = "stage_id <= (select max(stage_id) from stages) - ?"
    which = f"from stages where {beyond} and exists ({_LATER})"  # nosec B608
    kept = [settings.keep.stages]
    with _opened(settings) as connection:
        removed = int(connection.execute(f"select count(*) {which}", kept).fetchone()[0])  # nosec B608
        if not is_dry:
            connection.execute(f"delete {which}", kept)  # nosec B608
    if removed and not is_dry:
        compact(table_file(settings))
    return removed


def lost_stages(settings: Settings) -> list[Stage]:
    """Stages that are told as going on; nobody holds the lock, so their processes are gone."""
    return _read(settings, "where status = ? order by stage_id desc", [STARTED])


def is_damaged(settings: Settings) -> bool:
    """Whether there is a run table that cannot be read, in its pages or in what its rows say."""
    return not is_sound(table_file(settings), [("stages", "facts"), ("stages", "checks")])


def _start(settings: Settings, run_id: str, name: str, of: str) -> int:
    _prepare(settings)
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    insert = "insert into stages (run_id, stage, of, started_at, status, facts) values (?, ?, ?, ?, ?, '{}')"
    # Whoever holds the lock is alone: what is told as going on was killed, but for what holds this stage.
    held = () if name in HOLDING else HOLDING
    lost = f"update stages set status = ? where status = ? and stage not in ({', '.join('?' * len(held))})"  # nosec B608
    with _opened(settings) as connection:
        connection.execute(lost, [LOST, STARTED, *held])
        return int(connection.execute(insert, [run_id, name, of, started_at, STARTED]).lastrowid or 0)


def _prepare(settings: Settings) -> None:
    """Make the table, or make it anew where it cannot be read; one of before checks were kept gets their column."""
    if is_damaged(settings):
        set_aside(table_file(settings))
    with _opened(settings, "rwc") as connection:
        connection.execute(_TABLE)
        connection.execute(f"pragma user_version = {RUN_TABLE_FORMAT}")
        if _checks_column(connection) != "checks":
            connection.execute("alter table stages add column checks text not null default '[]'")


def _checks_column(connection: sqlite3.Connection) -> str:
    """The column of the checks; a table of before they were kept has none."""
    columns = {row[1] for row in connection.execute("pragma table_info(stages)")}
    return "checks" if "checks" in columns or not columns else "'[]'"


def _end(settings: Settings, stage_id: int, stage: tuple[str, str, str], end: tuple[object, ...]) -> None:
    """Say how a stage (run, name, of what) ended; in a table that was begun anew meanwhile it is a row of its own."""
    update = (
        "update stages set status = ?, seconds = ?, facts = ?, checks = ? "
        "where stage_id = ? and run_id = ? and stage = ? and of = ?"
    )
    insert = (
        "insert into stages (status, seconds, facts, checks, run_id, stage, of, started_at) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    _prepare(settings)
    with _opened(settings) as connection:
        if not connection.execute(update, [*end, stage_id, *stage]).rowcount:
            connection.execute(insert, [*end, *stage, datetime.now(UTC).isoformat(timespec="seconds")])


def _read(settings: Settings, which: str, parameters: Sequence[object]) -> list[Stage]:
    try:
        with _opened(settings) as connection:
            columns = f"{_COLUMNS}, {_checks_column(connection)}"
            rows = connection.execute(f"select {columns} from stages {which}", parameters).fetchall()  # nosec B608
        return [
            Stage(run_id, name, of, started_at, seconds, status, json.loads(facts), json.loads(checks))
            for run_id, name, of, started_at, seconds, status, facts, checks in rows
        ]
    except (sqlite3.DatabaseError, ValueError):
        return []


@contextmanager
def _opened(settings: Settings, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """The table in one transaction. Raises OperationalError where there is none, unless the mode makes it."""
    address = f"{table_file(settings).as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, timeout=30, uri=True)) as connection, connection:
        yield connection


def table_file(settings: Settings) -> Path:
    """Where the run table is kept."""
    return settings.run_table
