"""One writer at a time: the turn that every stage takes before it writes to a deployment, and gives back when it ends.

The lock is the kernel's and ends with its process, however that ends. Within a process a turn may be taken again.
Not here: readers, who never wait (warehouse.py puts a whole file in place).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from orchestration.settings import Settings

_PAUSE_SECONDS = 0.2
_held: set[Path] = set()


class BusyError(RuntimeError):
    """Another process has its turn; the message says which."""


@contextmanager
def turn(settings: Settings, *, wait: bool, waiting: Callable[[str], object] | None = None) -> Iterator[None]:
    """Hold the deployment's lock. Raises BusyError where another process has it and `wait` is false.

    `waiting` is told once whom we wait for.
    """
    path = _lock_file(settings)
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as lock:
        while not _taken(lock):
            if not wait:
                raise BusyError(f"{holder(settings)}. Wait for it to end, then try again, or give --wait.")
            if waiting is not None:
                waiting(holder(settings))
                waiting = None
            time.sleep(_PAUSE_SECONDS)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
            lock.truncate(0)


def holder(settings: Settings) -> str:
    """Who has the turn, in words."""
    path = _lock_file(settings)
    process = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return f"another refresh of {settings.data} is running (process {process or 'unknown'})"


def is_busy(settings: Settings) -> bool:
    """Whether another process has its turn now."""
    path = _lock_file(settings)
    if path in _held or not path.exists():
        return False
    with path.open("a+", encoding="ascii") as lock:
        return not _taken(lock)


def _lock_file(settings: Settings) -> Path:
    return settings.data.resolve() / "refresh.lock"


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
