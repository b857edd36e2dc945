"""A copy of what a deployment cannot make again, in one file, and a deployment made of it in an empty place.

A backup is a tar archive of seeds, data and releases with a list of checksums as its last member: without that it is
none. Databases of SQLite are copied by SQLite, so that the daemon may go on. Not here: when backups are made and where
they are kept (docs/runbooks/deploy.md).
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import stat
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, cast

from orchestration.common.addresses import is_address
from orchestration.common.problems import FileProblemsError, Problem, list_some, shown_path
from orchestration.common.whole_file import PARTIAL, write_aside
from orchestration.deployment.lock import hold_lock
from orchestration.settings import Settings

SUMS = "SHA256SUMS"
# What dbt reads quicker by, and who writes now: of no use in another place.
_LEFT_OUT = ("dbt", "refresh.lock")
_DATABASES = (".sqlite", ".db")
_OF_DATABASES = ("-wal", "-shm", "-journal")


class BackupError(FileProblemsError):
    """A backup that cannot be made or restored; nothing has been changed."""


@dataclass(frozen=True)
class Copied:
    """What a backup holds: its file, how many files of the deployment, and what of it lies elsewhere."""

    file: Path
    files_n: int
    elsewhere: tuple[str, ...]


def back_up(settings: Settings, into: Path, *, wait: bool = False) -> Copied:
    """Write a backup into a folder, whole or not at all. Raises BusyError while another process writes."""
    folders = _folders(settings)
    if any(into.resolve().is_relative_to(folder.resolve()) for folder in folders.values()):
        reason, remedy = (
            "a backup within what it is of is lost with it",
            "name a folder elsewhere, best on another disk",
        )
        raise BackupError([Problem(shown_path(into), reason, remedy)])
    into.mkdir(parents=True, exist_ok=True)
    target = into / f"needs-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    sums: dict[str, str] = {}
    with hold_lock(settings, wait=wait), write_aside(target) as aside:
        aside.touch(mode=0o600)
        with tarfile.open(aside, "w") as archive:
            for part, folder in folders.items():
                for path in _files(folder):
                    name = f"{part}/{path.relative_to(folder).as_posix()}"
                    sums[name] = _add(archive, name, path)
            lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
            info = tarfile.TarInfo(SUMS)
            info.size = len(lines)
            archive.addfile(info, io.BytesIO(lines))
    return Copied(target, len(sums), (settings.releases,) if is_address(settings.releases) else ())


def restore(settings: Settings, file: Path) -> int:
    """Put a backup in the place of a deployment that has nothing yet; how many files it has.

    Seeds that are there stay. Raises BackupError for a backup that is not whole, and for a place that is not empty.
    """
    folders = _folders(settings)
    kept = {part for part, folder in folders.items() if folder.exists() and any(folder.iterdir())}
    if kept - {"seeds"}:
        reason, remedy = "the folder is not empty", "name empty folders in NEEDS_DATA and NEEDS_RELEASES"
        raise BackupError([Problem(shown_path(folders[part]), reason, remedy) for part in sorted(kept - {"seeds"})])
    with _open_whole(file) as archive:
        members = [info for info in archive if info.name != SUMS and info.name.partition("/")[0] not in kept]
        missing = sorted({info.name.partition("/")[0] for info in members} - folders.keys())
        if missing:
            reason = f"the backup holds {', '.join(missing)}, which this deployment keeps at an address"
            remedy = "name a folder in NEEDS_RELEASES, restore, then copy it to the address"
            raise BackupError([Problem(shown_path(file), reason, remedy)])
        try:
            for info in members:
                part, _, below = info.name.partition("/")
                _put(archive, info, folders[part] / below)
        except BaseException:
            for part in folders.keys() - kept:
                shutil.rmtree(folders[part], ignore_errors=True)
            raise
    return len(members)


def _folders(settings: Settings) -> Mapping[str, Path]:
    """The folders of a deployment by their names in a backup."""
    folders = {"seeds": settings.seeds, "data": settings.data}
    return folders if is_address(settings.releases) else {**folders, "releases": Path(settings.releases)}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        is_left_out = below.parts[0] in _LEFT_OUT or path.name.endswith((PARTIAL, *_OF_DATABASES))
        if path.is_file() and not path.is_symlink() and not is_left_out:
            yield path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Put a file into an archive as it is now; its checksum."""
    info = tarfile.TarInfo(name)
    found = path.stat()
    info.mode, info.mtime = stat.S_IMODE(found.st_mode), found.st_mtime
    with tempfile.NamedTemporaryFile() as copy:
        if path.suffix in _DATABASES:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy.name)) as target:
                source.backup(target)
        with (Path(copy.name) if path.suffix in _DATABASES else path).open("rb") as file:
            info.size = os.fstat(file.fileno()).st_size
            hashed = _Hashed(file)
            archive.addfile(info, cast(IO[bytes], hashed))
    return hashed.digest.hexdigest()


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def _open_whole(file: Path) -> Iterator[tarfile.TarFile]:
    """A backup whose files all have their checksums. Raises BackupError."""
    try:
        with tarfile.open(file) as archive:
            sums: dict[str, str] = {}
            found: dict[str, str] = {}
            for info in archive:
                content = archive.extractfile(info)
                if content is None or not _is_safe(info.name):
                    raise tarfile.TarError(f"{info.name!r} is no file of a deployment")
                if info.name == SUMS:
                    lines = content.read().decode().splitlines()
                    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
                else:
                    found[info.name] = hashlib.file_digest(cast(io.BufferedReader, content), "sha256").hexdigest()
            differing = sorted(name for name in {*sums, *found} if sums.get(name) != found.get(name))
            if not sums or differing:
                raise tarfile.TarError(f"{list_some(differing)} not as written" if sums else "its end is missing")
            yield archive
    except (OSError, tarfile.TarError, UnicodeDecodeError, EOFError) as error:
        remedy = "take another backup; this one is damaged, or none"
        raise BackupError([Problem(shown_path(file), f"no whole backup: {error}", remedy)]) from error


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return name == SUMS or (path.parts[0] in ("seeds", "data", "releases") and ".." not in path.parts)


def _put(archive: tarfile.TarFile, info: tarfile.TarInfo, path: Path) -> None:
    content = archive.extractfile(info)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(cast(IO[bytes], content), file)
        os.fsync(file.fileno())
    path.chmod(info.mode)
    os.utime(path, (info.mtime, info.mtime))
