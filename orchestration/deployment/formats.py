"""Formats of what a deployment keeps: what is of an earlier one is taken over or made anew with a word, what is of a
later one is refused before anything is written.

Landing and warehouse carry theirs in a record in their folder, the run table in its header, a release in its entry of
the ledger. Not here: taking over itself, which is with what is taken over (runs.py, landing.py, release/store.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.common.whole_file import read_record, write_record
from orchestration.deployment.storage import is_sound
from orchestration.readers.read import READER_FORMAT
from orchestration.release.store import RELEASE_FORMAT, ReleaseStore
from orchestration.settings import Settings

_RECORD = "format.json"
# Raise one when what is written would be misread by the code before.
WAREHOUSE_FORMAT, RUN_TABLE_FORMAT = 1, 1
_BY_STAGE = {"land": "landing", "build": "warehouse"}


class FormatError(RuntimeError):
    """What is kept was written by a later version; nothing was changed."""


@dataclass(frozen=True)
class Format:
    """The format of a part that is there: 0 where it is of before formats were told."""

    part: str
    place: str
    found: int
    known: int

    @property
    def reason(self) -> str:
        """Why a later one cannot be used."""
        return (
            f"{self.place} was written by a later version of needs: {self.part} of format {self.found}, this version "
            f"knows {self.known}."
        )


# What to do where a part is of a later format.
REMEDY = (
    "use that version, or restore the backup of before the upgrade into empty folders (docs/runbooks/deploy.md). "
    "Nothing was changed."
)
# What becomes of a part of an earlier format.
_TAKEN_OVER = {
    "landing": "rounds whose files are of another form are landed anew from their extracts",
    "warehouse": "it is built anew of what is landed",
    "run table": "its rows are taken over",
    "releases": "they stay as they are, and are entered in the ledger",
}


def formats_of(settings: Settings, *, with_releases: bool = True) -> Iterator[Format]:
    """The format of each part that is there; releases may be far away."""
    for part, known in (("landing", READER_FORMAT), ("warehouse", WAREHOUSE_FORMAT)):
        folder = _folder(settings, part)
        if any(folder.glob("*/*/[!.]*/")) or any(folder.glob("*.duckdb")):
            yield Format(part, str(folder), int((read_record(folder / _RECORD) or {}).get("format", 0)), known)
    if (found := _table_format(settings.run_table)) is not None:
        yield Format("run table", str(settings.run_table), found, RUN_TABLE_FORMAT)
    if with_releases and (names := (store := ReleaseStore(settings.releases)).names()):
        found = max(store.format_of(name) for name in names)
        yield Format("releases", settings.releases, found, RELEASE_FORMAT)


def refuse_later(settings: Settings, *, with_releases: bool = True) -> tuple[Format, ...]:
    """The formats of all parts. Raises FormatError where one is of a later version."""
    found = tuple(formats_of(settings, with_releases=with_releases))
    for one in found:
        if one.found > one.known:
            raise FormatError(f"{one.reason} To do: {REMEDY}")
    return found


def told_of_earlier(settings: Settings) -> tuple[str, ...]:
    """A sentence for each part of an earlier format. Raises FormatError where one is of a later version."""
    return tuple(
        f"{one.place}: of an earlier version (format {one.found or 'not told'}, now {one.known}): "
        f"{_TAKEN_OVER[one.part]}"
        for one in refuse_later(settings)
        if one.found < one.known
    )


def tell_formats(settings: Settings) -> None:
    """Have all folders say of which format they are, where what is kept is what this version would write."""
    for stage in _BY_STAGE:
        tell_format(settings, stage)


def tell_format(settings: Settings, stage: str) -> None:
    """Have the folder that a stage writes to say of which format it is; a full disk stops no stage for that."""
    part = _BY_STAGE.get(stage)
    if part is None:
        return
    folder, known = _folder(settings, part), READER_FORMAT if part == "landing" else WAREHOUSE_FORMAT
    with suppress(OSError):
        if folder.is_dir() and (read_record(folder / _RECORD) or {}).get("format") != known:
            write_record(folder / _RECORD, {"format": known})


def damaged_records(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Parts whose record of a format is there and cannot be read, and where it is."""
    for part in _BY_STAGE.values():
        path = _folder(settings, part) / _RECORD
        if path.exists() and read_record(path) is None:
            yield part, path


def _table_format(path: Path) -> int | None:
    """What the header of a database of SQLite says; None where there is none to read."""
    if not path.exists() or not is_sound(path):
        return None
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", timeout=30, uri=True)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def _folder(settings: Settings, part: str) -> Path:
    return settings.landing if part == "landing" else settings.served_database.parent
