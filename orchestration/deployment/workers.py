"""Locks of runs: each is held by the process of a run, and free once that is gone.

Not here: whom Dagster tells (pipeline/workers.py), the lock of the deployment (lock.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_FOLDER = "workers"
_ENDING = ".lock"


@contextmanager
def hold_worker_lock(dagster_home: Path, run_id: str) -> Iterator[None]:
    """Hold the lock of a run as long as its process works on it."""
    path = _lock_file(dagster_home, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path, fallback_to_soft=False):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_worker_there(dagster_home: Path, run_id: str) -> bool:
    """Whether a process holds the lock of a run."""
    path = _lock_file(dagster_home, run_id)
    try:
        if path.exists():
            FileLock(path, fallback_to_soft=False).acquire(blocking=False).lock.release()
    except Timeout:
        return True
    return False


def lost_workers(dagster_home: Path) -> list[str]:
    """Runs whose process left its lock behind: it was killed."""
    names = sorted(path.stem for path in (dagster_home / _FOLDER).glob(f"*{_ENDING}"))
    return [name for name in names if not is_worker_there(dagster_home, name)]


def forget_worker(dagster_home: Path, run_id: str) -> None:
    """Remove the lock that a killed process left."""
    _lock_file(dagster_home, run_id).unlink(missing_ok=True)


def _lock_file(dagster_home: Path, run_id: str) -> Path:
    return dagster_home / _FOLDER / f"{run_id}{_ENDING}"
