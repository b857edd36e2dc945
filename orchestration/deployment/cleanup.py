"""Orphaned files, which a killed process wrote aside and never renamed, and files of programs that are damaged.

Whoever holds the lock may remove the first and set the second aside: nobody else writes then. Not here: what is whole
(doctor.py, landing.py, storage.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.common.whole_file import PARTIAL
from orchestration.deployment.runs import is_damaged, table_file
from orchestration.deployment.storage import damaged_files, set_aside
from orchestration.settings import Settings

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
