"""Kills refreshes, and tells what was lost: `make soak`.

Each trial starts a refresh of changed inputs in a process of its own and kills it (SIGKILL), at a stage boundary or at
a random moment. Then the served warehouse and the releases have to be whole, the old ones or the new ones; and the
next refresh has to end in the releases (bytes) and the warehouse (rows) of a refresh that nobody disturbed.

Then readers query the served warehouse in a loop while refreshes replace it: none may see an error, or anything but a
whole version.

It leaves the machine to others: it is nice, ends at its time, has no more processes than MOST_PROCESSES, and readers
rest at least as long as they read.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil
from deployments import MINI_SEEDS, Deployment, deploy

from orchestration.settings import PROJECT_ROOT

EXTRACT = Path("rounds/pulse/2030/extract.csv")
STAGES = (
    "start Dagster and dbt",
    "land pulse.2030",
    "build the warehouse",
    "draft and judge wave 2030",
    "publish wave 2030",
    "put the warehouse in place",
)
# A boundary is the moment before a stage; the last one is after the last stage.
BOUNDARIES = (*STAGES, "end")
Rows = dict[str, tuple[int, int]]
MOST_PROCESSES = (os.cpu_count() or 1) + 2
# Beside the process that refreshes, and the one that Python runs beside it since dbt has locks of multiprocessing.
READERS = MOST_PROCESSES - 2
# A refresh of eight cities takes some seconds, minutes where the machine has much else to do.
HANGS_AFTER_SECONDS = 900


@dataclass(frozen=True)
class State:
    """What readers see of a deployment: the bytes of its releases, the rows of its warehouse."""

    releases: dict[str, bytes]
    rows: Rows


@dataclass(frozen=True)
class Outcome:
    """A trial: the stage that was killed, how, and what was wrong, if anything."""

    stage: str
    kind: str
    trouble: str


@dataclass(frozen=True)
class Reading:
    """What all readers saw: how often they read, errors, and how many versions, of which how many were not whole."""

    reads: int
    errors: list[str]
    seen: int
    broken: int


class Soak:
    """A deployment before and after a change of its inputs, undisturbed; trials start from the first of them."""

    def __init__(self, before: Deployment, folder: Path) -> None:
        self.before, self.folder = before, folder
        self.old = state_of(before)
        self.after = _copy(before, folder / "after")
        change(self.after)
        start = time.perf_counter()
        self.after.refresh()
        self.seconds = time.perf_counter() - start
        self.new = state_of(self.after)

    def read_on(self, readers: int, refreshes: int, end: float) -> Reading:
        """What readers see while refreshes put the old and the new warehouse in place, by turns, until a moment."""
        deployment = _copy(self.after, self.folder / "read")
        database = deployment.settings.served_database
        wholes = {repr(rows_of(database))}
        with reading(database, readers) as found:
            for number in range(refreshes):
                if number and time.monotonic() > end:
                    break
                change(deployment, back=number % 2 == 0)
                deployment.refresh()
                wholes.add(repr(rows_of(database)))
        shutil.rmtree(deployment.seeds.parent)
        return reading_of(found, wholes)

    def trial(self, number: int, at: str | None, after_seconds: float) -> Outcome:
        """Kill one refresh, at a boundary or after some seconds; look at what is left, and refresh again."""
        with self.changed(f"trial-{number}") as deployment:
            try:
                stage = killed(deployment, at, after_seconds)
                trouble = self.look(deployment) or self.mend(deployment)
            except Exception as error:
                stage, trouble = at or "?", f"{type(error).__name__}: {error}"
        return Outcome(stage, "boundary" if at else "within", trouble)

    @contextmanager
    def changed(self, name: str) -> Iterator[Deployment]:
        """The deployment with changed inputs, not refreshed yet."""
        deployment = _copy(self.before, self.folder / name)
        change(deployment)
        try:
            yield deployment
        finally:
            shutil.rmtree(deployment.seeds.parent, ignore_errors=True)

    def look(self, deployment: Deployment) -> str:
        """What is wrong with what a killed refresh left; empty if nothing is."""
        found = state_of(deployment)
        if found.rows not in (self.old.rows, self.new.rows):
            return "the served warehouse is neither the old nor the new one"
        whole = {path: content for path, content in found.releases.items() if not path.startswith(".")}
        for state in (self.old.releases, self.new.releases):
            # Both follow a release, and the next run writes what is missing of them.
            if _releases_in(whole) == _releases_in(state):
                return ""
        return "the releases are neither the old nor the new ones"

    def mend(self, deployment: Deployment) -> str:
        """What is wrong after the next refresh; empty if nothing is."""
        deployment.refresh()
        found = state_of(deployment)
        if found.releases != self.new.releases:
            return "after the next refresh the releases differ"
        return "" if found.rows == self.new.rows else "after the next refresh the warehouse differs"


def _releases_in(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: content for path, content in files.items() if path != "latest.json" and Path(path).parts[0] != "ledger"
    }


def reading_of(found: list[dict[str, Any]], wholes: set[str]) -> Reading:
    """What all readers saw, beside the versions that were whole."""
    versions = {version for one in found for version in one["versions"]}
    return Reading(
        reads=sum(one["reads"] for one in found),
        errors=[error for one in found for error in one["errors"]],
        seen=len(versions),
        broken=len(versions - wholes),
    )


def change(deployment: Deployment, *, back: bool = False) -> None:
    """Another answer, or the first one again: another landing, another warehouse, another revision."""
    extract = deployment.seeds / EXTRACT
    text = extract.read_text(encoding="utf-8")
    was, is_now = ("H,,800,,4", "H,,800,,3") if back else ("H,,800,,3", "H,,800,,4")
    assert was in text
    extract.write_text(text.replace(was, is_now), encoding="utf-8")


def state_of(deployment: Deployment) -> State:
    """What readers see now."""
    return State(deployment.release_files(), rows_of(deployment.settings.served_database))


def rows_of(database: Path) -> Rows:
    """Number and checksum of the rows of each table, whatever their order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return rows_in(connection)


def rows_in(connection: duckdb.DuckDBPyConnection) -> Rows:
    """The same of an open database."""
    tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
    rows = "select count(*), coalesce(sum(hash(rows)), 0)::varchar::hugeint from {schema}.{table} as rows"
    return {
        f"{schema}.{table}": connection.execute(rows.format(schema=schema, table=table)).fetchone()
        for schema, table in tables
    }


def killed(deployment: Deployment, at: str | None, after_seconds: float) -> str:
    """Start a refresh and kill it; the stage that it was in."""
    log = deployment.seeds.parent / "stages.txt"
    command = [sys.executable, __file__, "--refresh", str(deployment.seeds.parent), "--log", str(log)]
    command += ["--die-before", at] if at else []
    process = subprocess.Popen(command, env=environment(), start_new_session=True)
    if at is None:
        try:
            process.wait(after_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    try:
        code = process.wait(HANGS_AFTER_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"the refresh hung for {HANGS_AFTER_SECONDS} s") from None
    if at is not None and code != -signal.SIGKILL:
        raise AssertionError(f"the refresh was to die before {at!r} and ended with {code}")
    stages = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return at or (stages[-1] if stages else "before the first stage")


@contextmanager
def reading(database: Path, readers: int) -> Iterator[list[dict[str, Any]]]:
    """Processes that read a database in a loop as long as the context lasts; then what each of them saw."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        stop = Path(folder) / "stop"
        command = [sys.executable, __file__, "--read", str(database), "--log", str(stop)]
        processes = [
            subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(readers)
        ]
        try:
            yield found
        finally:
            stop.touch()
            found += [json.loads(process.communicate()[0]) for process in processes]


def read_until(database: Path, stop: Path) -> None:
    """What a reader does: open, read twice, close, and tell at the end what it saw."""
    versions: set[str] = set()
    errors: list[str] = []
    reads = 0
    while not stop.exists():
        began = time.monotonic()
        try:
            with duckdb.connect(str(database), read_only=True) as connection:
                first, second = (repr(rows_in(connection)) for _ in range(2))
            versions |= {first}
            reads += 1
            if first != second:
                errors.append("the rows changed while the file was open")
        except duckdb.Error as error:
            errors.append(str(error))
        # Readers that never rest would take the processor from what they watch.
        time.sleep(max(0.5, time.monotonic() - began))
    print(json.dumps({"reads": reads, "errors": errors, "versions": sorted(versions)}))


@contextmanager
def counting_processes() -> Iterator[list[int]]:
    """How many processes there are, of this one and those that it starts, looked at twice a second: the most so far."""
    most, is_over = [1], threading.Event()
    own = psutil.Process()
    others = set(own.children(recursive=True))

    def count() -> None:
        while not is_over.wait(0.5):
            most[0] = max(most[0], 1 + len(set(own.children(recursive=True)) - others))

    counter = threading.Thread(target=count, daemon=True)
    counter.start()
    try:
        yield most
    finally:
        is_over.set()
        counter.join()


def environment() -> dict[str, str]:
    """Of a process that runs this file: the project comes before the folders of tests that are named like its own."""
    return {**os.environ, "PYTHONPATH": f"{PROJECT_ROOT}{os.pathsep}{PROJECT_ROOT / 'tests'}"}


def refresh_and_die(home: Path, log: Path, die_before: str | None) -> None:
    """What the killed process does: a refresh that notes its stages, and kills itself where it is told to."""

    def stage(label: str) -> None:
        if label == die_before:
            os.kill(os.getpid(), signal.SIGKILL)
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{label}\n")

    @contextmanager
    def progress(label: str) -> Iterator[None]:
        stage(label)
        yield

    from orchestration.pipeline.refresh import refresh

    refresh(Deployment(home / "seeds", home / "data", home / "releases").settings, progress)
    stage("end")


def soak(
    before: Deployment, folder: Path, minutes: float, kills: int, seed: int, refreshes: int
) -> tuple[Reading, list[Outcome]]:
    """Readers for a third of the time; then trials at every boundary and at random moments, until it or they are over.

    `before` is a small deployment that is refreshed. One trial that has begun is ended, and one of each kind is made.
    """
    chance = random.Random(seed)
    begin = time.monotonic()
    tried = Soak(before, folder)
    reading = tried.read_on(READERS, refreshes, begin + 20 * minutes)
    outcomes: list[Outcome] = []
    boundaries = chance.sample(BOUNDARIES, len(BOUNDARIES))
    while len(outcomes) < 2 or (len(outcomes) < kills and time.monotonic() < begin + 60 * minutes):
        at = boundaries.pop() if boundaries and len(outcomes) % 2 == 0 else None
        # Frameworks take some two seconds to start; a kill after the end of the refresh is a trial as well.
        outcomes.append(tried.trial(len(outcomes), at, chance.uniform(1, tried.seconds + 4)))
        print(f"{len(outcomes):4} {outcomes[-1]}", flush=True)
    return reading, outcomes


def show(reading: Reading, outcomes: list[Outcome], processes_n: int) -> None:
    """A line for each stage and kind of kill, and what readers saw meanwhile."""
    kills = Counter((outcome.stage, outcome.kind) for outcome in outcomes)
    lost = Counter((outcome.stage, outcome.kind) for outcome in outcomes if outcome.trouble)
    print(f"{'stage':32} {'kind':10} {'kills':>6}  outcome")
    for (stage, kind), count in sorted(kills.items()):
        failed = lost[stage, kind]
        print(f"{stage:32} {kind:10} {count:6}  {'nothing lost' if not failed else f'{failed} FAILED'}")
    print(f"{'all':32} {'':10} {len(outcomes):6}  {sum(lost.values())} failed")
    print(
        f"{READERS} readers: {reading.reads} reads, {len(reading.errors)} errors, {reading.seen} versions, "
        f"{reading.broken} broken; at most {processes_n} processes at a time, of {MOST_PROCESSES} allowed"
    )


def _copy(deployment: Deployment, folder: Path) -> Deployment:
    shutil.copytree(deployment.seeds.parent, folder, symlinks=True)
    return Deployment(folder / "seeds", folder / "data", folder / "releases")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refreshes", type=int, default=10)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--refresh", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--die-before", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.refresh:
        refresh_and_die(given.refresh, given.log, given.die_before)
        return 0
    if given.read:
        read_until(given.read, given.log)
        return 0
    # The kernel schedules it, and what it starts, last of all.
    os.nice(19)
    with tempfile.TemporaryDirectory() as name, counting_processes() as most:
        before = deploy(Path(name) / "before", MINI_SEEDS)
        before.refresh()
        reading, outcomes = soak(before, Path(name), given.minutes, given.kills, given.seed, given.refreshes)
    show(reading, outcomes, most[0])
    lost = [outcome for outcome in outcomes if outcome.trouble]
    return int(bool(lost or reading.errors or reading.broken) or most[0] > MOST_PROCESSES)


if __name__ == "__main__":
    sys.exit(main())
