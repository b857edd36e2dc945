"""Orphaned files: what a process that was killed wrote aside and never renamed.

Whoever holds the lock may remove them: nobody else writes then. Not here: what is whole (doctor.py, landing.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.common.whole_file import PARTIAL
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
