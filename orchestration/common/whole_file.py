"""Files written whole or not at all: aside in the same folder, flushed, put in place by one rename.

Here: one file. Not here: folders that appear whole (landing/landing.py, release/store.py).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What stands at the end of the name of a file, or folder, that is not whole yet; a full stop stands before it.
PARTIAL = ".partial"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8 with its line ends as they are; a reader finds the old content or the new one."""
    with write_aside(path) as aside:
        aside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """A path to write to: it takes the place of `path` when the block ends, and is removed where the block fails."""
    target = path.resolve()
    aside = target.with_name(f".{target.name}-{os.getpid()}{PARTIAL}")
    try:
        yield aside
        flush(aside)
        if target.exists():
            shutil.copymode(target, aside)
        aside.replace(target)
        flush(target.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Let nobody else who holds the folder read and write its files meanwhile; waits for whoever holds it.

    The lock is the kernel's, on the folder itself: it leaves no file, and ends with its process.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def flush(path: Path) -> None:
    """Have the disk keep what was written: of a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a value as JSON that people can read, whole or not at all; missing folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
