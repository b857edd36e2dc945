"""Files written whole or not at all: aside in the same folder, flushed, put in place by one rename.

Here: one file, and records, which tell whether they are still as they were written. Not here: folders that appear whole
(landing/landing.py, release/store.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What stands at the end of the name of a file, or folder, that is not whole yet; a full stop stands before it.
PARTIAL = ".partial"
_CHECKSUM = "checksum"


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
    write_whole(path, _json_text(content))


def _json_text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write_record(path: Path, content: Mapping[str, Any]) -> None:
    """Write what has to be known later as JSON with a checksum, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, record_text(content))


def read_record(path: Path) -> dict[str, Any] | None:
    """What a record says; None where there is none, or it is not as it was written."""
    try:
        return parse_record(path.read_bytes())
    except OSError:
        return None


def record_text(content: Mapping[str, Any]) -> str:
    """A record as it is written."""
    return _json_text({**content, _CHECKSUM: _checksum(content)})


def parse_record(text: bytes) -> dict[str, Any] | None:
    """What a record says; None where it is not as it was written.

    One of before records had checksums is taken as it is.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    checksum = content.pop(_CHECKSUM, None)
    return content if checksum in (None, _checksum(content)) else None


def _checksum(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
