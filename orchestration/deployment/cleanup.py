"""Orphaned files, which a killed process wrote aside and never renamed, damaged files of programs, and what is kept
no longer.

Whoever holds the lock may remove the first and last and set the second aside: nobody else writes then. Not here: what
is whole (doctor.py, landing.py, storage.py), runs of Dagster (pipeline/retention.py).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.common.whole_file import PARTIAL
from orchestration.deployment.runs import is_damaged, table_file
from orchestration.deployment.storage import damaged_files, set_aside
from orchestration.landing.landing import POINTER, admitted, remove_landing
from orchestration.settings import Settings

LANDINGS = "landings"
# Files and folders that are written aside, and renamed when they are whole.
_ASIDE = {
    # The last two are of versions before whole_file.py.
    "landing": (".landing-*", f".*{PARTIAL}", ".current-*", "*.door.partial"),
    "warehouse": (f".*{PARTIAL}", "build.duckdb", "build.duckdb.wal", "build.duckdb.tmp"),
}


def find_orphaned_files(settings: Settings) -> list[Path]:
    """Files and folders of a deployment that were never finished, sorted."""
    data = settings.data.resolve()
    return sorted(
        path for part, patterns in _ASIDE.items() for pattern in patterns for path in (data / part).rglob(pattern)
    )


def remove_orphaned_files(settings: Settings) -> None:
    """Remove what was never finished; for whoever holds the lock."""
    for path in find_orphaned_files(settings):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def set_damaged_aside(settings: Settings) -> tuple[str, ...]:
    """Have the run table and Dagster begin anew what they could not read; a sentence for each file."""
    damaged = [*([table_file(settings)] if is_damaged(settings) else []), *damaged_files(settings.dagster_home)]
    return tuple(f"{path} could not be read, and was begun anew: the old one is {set_aside(path)}" for path in damaged)


@dataclass(frozen=True)
class Superfluous:
    """A file or folder that is kept no longer: in which part, where, and why."""

    part: str
    path: Path
    why: str

    @property
    def size(self) -> int:
        """Bytes."""
        files = self.path.rglob("*") if self.path.is_dir() else (self.path,)
        return sum(file.stat().st_size for file in files if file.is_file())


def find_superfluous(settings: Settings) -> list[Superfluous]:
    """What a deployment keeps beyond what `NEEDS_KEEP__…` says, part by part."""
    return [*_earlier_landings(settings), *_drafts_of_no_wave(settings), *_old_logs(settings)]


def remove_superfluous(found: Superfluous) -> None:
    """Remove a file or folder that was found; for whoever holds the lock."""
    if found.part == LANDINGS:
        remove_landing(found.path)
    elif found.path.is_dir():
        shutil.rmtree(found.path)
    else:
        found.path.unlink(missing_ok=True)


def _earlier_landings(settings: Settings) -> Iterator[Superfluous]:
    for folder in sorted(path for path in settings.landing.glob("*/*") if path.is_dir()):
        pointer = folder / POINTER
        current = admitted(pointer) if pointer.exists() else None
        earlier = [path for path in folder.glob("[!.]*") if path.is_dir() and path != current]
        earlier.sort(key=lambda path: (path.stat().st_mtime_ns, path), reverse=True)
        for path in earlier[settings.keep.landings :]:
            yield Superfluous(LANDINGS, path, f"an earlier landing, of which {settings.keep.landings} are kept")


def _drafts_of_no_wave(settings: Settings) -> Iterator[Superfluous]:
    from orchestration.knowledge.load import load_waves

    waves = {wave.wave for wave in load_waves(settings.seeds)}
    for path in sorted(settings.drafts.glob("[!.]*")):
        if path.name not in waves:
            yield Superfluous("drafts", path, "a draft of a wave that the seeds have no more")


def _old_logs(settings: Settings) -> Iterator[Superfluous]:
    begin = time.time() - settings.keep.log_days * 24 * 3600
    printed = (*settings.dagster_home.glob("storage/*"), *settings.dbt_target.glob("logs/*"))
    aside = settings.data.resolve().rglob("*.damaged")
    for part, paths in (("logs", printed), ("damaged", aside)):
        for path in sorted(paths):
            if path.stat().st_mtime < begin:
                yield Superfluous(part, path, f"older than {settings.keep.log_days} days")
