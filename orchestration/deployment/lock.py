"""One writer at a time: the lock that every stage holds while it writes to a deployment.

The lock is the kernel's and ends with its process, however that ends. A process that holds it may take it again.
Not here: readers, who never wait (warehouse/build.py puts a whole file in place).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.settings import Settings, keep_from_others


class BusyError(RuntimeError):
    """Another process holds the lock; the message says which."""


@contextmanager
def hold_lock(settings: Settings, *, wait: bool, waiting: Callable[[str], object] | None = None) -> Iterator[None]:
    """Hold the deployment's lock. Raises BusyError where another process holds it and `wait` is false.

    `waiting` is told once for whom we wait.
    """
    path = _lock_file(settings)
    # Whoever holds the lock writes.
    keep_from_others()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        if not wait:
            remedy = "Wait for it to end, then try again; or let the command wait: --wait."
            raise BusyError(f"{lock_holder(settings)}. {remedy}") from None
        if waiting is not None:
            waiting(lock_holder(settings))
        lock.acquire()
    try:
        path.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        lock.release()


def lock_holder(settings: Settings) -> str:
    """Who holds the lock, in words."""
    path = _lock_file(settings)
    process = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return f"another refresh of {settings.data} is running (process {process or 'unknown'})"


def is_busy(settings: Settings) -> bool:
    """Whether another process holds the lock now."""
    path = _lock_file(settings)
    try:
        # A look at a deployment leaves no file behind.
        if path.exists():
            _lock(path).acquire(blocking=False).lock.release()
    except Timeout:
        return True
    return False


def _lock_file(settings: Settings) -> Path:
    return settings.data.resolve() / "refresh.lock"


def _lock(path: Path) -> FileLock:
    """The one lock of a file in this process. A lock that is only a file would outlive a killed process: never that."""
    return FileLock(path, thread_local=False, is_singleton=True, fallback_to_soft=False, poll_interval=0.2)
