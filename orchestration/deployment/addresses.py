"""Where a deployment writes: what is said where a disk is full or an address may not be written to.

Here: one sentence for what Python, SQLite, DuckDB and Arrow each say in their own way. Not here: releases at an address
that is no folder (release/store.py).
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.settings import Settings

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_SAY_FULL = ("no space left on device", "disk is full", "quota exceeded")
_SAY_FORBIDDEN = ("read-only file system", "readonly database", "permission denied")
_MEGABYTE = 10**6
# A disk with less can be the one that was full: what a failed stage had written is removed by then.
_LITTLE = 512 * _MEGABYTE


class AddressError(RuntimeError):
    """An address of the deployment cannot be written to; the message says which, why and what to do."""


@contextmanager
def tell_address(settings: Settings) -> Iterator[None]:
    """Raise AddressError in the place of whatever a full or forbidden address was told as."""
    try:
        yield
    except AddressError:
        raise
    except Exception as error:
        told = _explain(settings, error)
        if told is None:
            raise
        raise AddressError(told) from error


def _explain(settings: Settings, error: BaseException) -> str | None:
    addresses = _addresses(settings)
    for one in _chain(error):
        text = str(one).lower()
        number = one.errno if isinstance(one, OSError) else None
        place = next((name for name, path in addresses.items() if str(path).lower() in text), None)
        if number in _FULL or any(words in text for words in _SAY_FULL):
            name = place or min(addresses, key=lambda name: _free(addresses[name]))
            free = _free(addresses[name])
            left = f", {free // _MEGABYTE} MB are left" if free < _LITTLE else ""
            remedy = f"free some space there, or set {name} to a folder of a larger disk"
            return f"{addresses[name]} ({name}) cannot be written to: its disk is full{left}. To do: {remedy}."
        # Of other files somebody else tells what is wrong with them; SQLite names none, and has its files below data.
        is_sqlite = type(one).__module__ == "sqlite3"
        if (place or is_sqlite) and (number in _FORBIDDEN or any(words in text for words in _SAY_FORBIDDEN)):
            name = place or "NEEDS_DATA"
            remedy = f"let whoever runs this write there, or set {name} to another folder"
            return f"{addresses[name]} ({name}) may not be written to: {one}. To do: {remedy}."
    return None


def _addresses(settings: Settings) -> dict[str, Path]:
    """Folders that are written to, by the variable that sets them; the innermost first."""
    releases = {} if "://" in settings.releases else {"NEEDS_RELEASES": Path(settings.releases).resolve()}
    found = {"NEEDS_DATA": settings.data.resolve(), **releases, "TMPDIR": Path(tempfile.gettempdir()).resolve()}
    return dict(sorted(found.items(), key=lambda entry: len(entry[1].parts), reverse=True))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, the first cause first."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    yield from reversed(found)


def _free(path: Path) -> int:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free
