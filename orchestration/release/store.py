"""Where releases are published: an address of fsspec, by default a folder, whose releases are immutable.

A release is a folder `<wave>.<revision>` that is there whole or not at all; `latest.json` beside them names the newest
revision of each wave, and `ledger/` has an entry for each name that was ever published: none is given twice, even where
a release was deleted. On a disk a release is written aside and renamed; in an object store, which has no rename, its
manifest is written last, and without one it is no release. Not here: what is in a release (draft.py, package.py).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.common.whole_file import PARTIAL, file_sha256, flush, parse_record, record_text, write_whole
from orchestration.release.manifest import MANIFEST, WHOLE_MANIFEST, identity

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LATEST = "latest.json"
LEDGER = "ledger"
# Raise it when a release is one that the code before would misread.
RELEASE_FORMAT = 1
CHECKSUMS = "SHA256SUMS"
# Of each audience; a release of before there were two has one for all.
_CHECKSUMS = (f"internal/{CHECKSUMS}", f"public/{CHECKSUMS}")
# What services read from the environment, by the protocol of their address.
_CREDENTIALS = {
    "s3": ": AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; AWS_ENDPOINT_URL for a server of your own"
}
_NAME = re.compile(r"(?P<wave>.+)\.(?P<revision>[0-9]+)")


class ReleaseError(RuntimeError):
    """A release that cannot be published or read; the message says why and what to do."""


@dataclass(frozen=True)
class Published:
    """The release of a wave after a run: its name and address, and whether this run made it."""

    name: str
    address: str
    is_new: bool


@dataclass(frozen=True)
class Damage:
    """A file of a release that is not what was published: `what` is missing, changed or unexpected."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path} ({self.what})"


class ReleaseStore:
    """The published releases of a deployment."""

    def __init__(self, address: str) -> None:
        self.address = address

    @cached_property
    def _opened(self) -> tuple[AbstractFileSystem, str]:
        from fsspec.core import url_to_fs

        try:
            files, root = url_to_fs(self.address)
            # What keeps us out is told before there is work that could be lost.
            files.exists(root)
        except Exception as error:
            # Each kind of store has errors of its own.
            raise ReleaseError(
                f"the releases at {self.address} cannot be reached: {error}. Correct the address (NEEDS_RELEASES), or "
                f"give its service what it asks for{_CREDENTIALS.get(self.address.partition('://')[0], '')}."
            ) from error
        return files, root.rstrip("/")

    @cached_property
    def _disk(self) -> Path | None:
        """The folder, where the store is on a disk of this machine."""
        from fsspec.implementations.local import LocalFileSystem

        files, root = self._opened
        return Path(root) if isinstance(files, LocalFileSystem) else None

    def names(self) -> list[str]:
        """All releases, by wave and revision."""
        files, root = self._opened
        files.invalidate_cache()
        if not files.exists(root):
            return []
        found = [entry["name"].rstrip("/").rpartition("/")[2] for entry in files.ls(root, detail=True)]
        releases = [name for name in found if _NAME.fullmatch(name) and self._is_there(name)]
        return sorted(releases, key=_order)

    def revisions(self, wave: str) -> list[str]:
        """Releases of a wave, oldest first."""
        return [name for name in self.names() if wave_of(name) == wave]

    def latest(self, wave: str) -> str | None:
        """Newest revision of a wave."""
        found = self.revisions(wave)
        return found[-1] if found else None

    def next_name(self, wave: str) -> str:
        """Name that a new revision of the wave gets: one that none ever had."""
        taken = [_order(name)[1] for name in {*self.names(), *self.published()} if wave_of(name) == wave]
        return f"{wave}.{max(taken, default=-1) + 1}"

    def published(self) -> list[str]:
        """Every name that was ever published, as the ledger has them."""
        files, root = self._opened
        files.invalidate_cache()
        if not files.exists(f"{root}/{LEDGER}"):
            return []
        found = [Path(entry["name"]).name for entry in files.ls(f"{root}/{LEDGER}", detail=True)]
        names = [name.removesuffix(".json") for name in found if name.endswith(".json")]
        return sorted((name for name in names if _NAME.fullmatch(name)), key=_order)

    def gone(self) -> list[str]:
        """Releases that were published and are not there any more."""
        there = self.names()
        return [name for name in self.published() if name not in there]

    def require(self, name: str) -> None:
        """Raises ReleaseError where there is no such release."""
        if name not in self.names():
            raise ReleaseError(f"there is no release {name} at {self.address}. {_remedy(self.names())}")

    def require_whole(self, name: str) -> None:
        """Raises ReleaseError where a release is damaged."""
        if damaged := self.damaged(name):
            raise ReleaseError(
                f"release {name} is damaged: {', '.join(map(str, damaged[:5]))} of {self.path_of(name)}. "
                "Put the published files back from a backup; a revision is never written again."
            )

    def path_of(self, name: str) -> str:
        """Address of a release."""
        return str(self._disk / name) if self._disk else f"{self.address.rstrip('/')}/{name}"

    def read(self, name: str, path: str) -> bytes:
        """Bytes of a file of a release. Raises ReleaseError where there is none."""
        files, root = self._opened
        try:
            content: bytes = files.cat_file(f"{root}/{name}/{path}")
        except FileNotFoundError:
            place = self.path_of(name)
            raise ReleaseError(f"release {name} has no {path} at {place}. {_remedy(self.names())}") from None
        return content

    def manifest(self, name: str) -> dict[str, Any]:
        """Manifest of a release."""
        path = next((path for path in (WHOLE_MANIFEST, MANIFEST) if self._has(name, path)), WHOLE_MANIFEST)
        manifest: dict[str, Any] = json.loads(self.read(name, path))
        return manifest

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """A release as a folder to read: its own, or a copy that is gone afterwards."""
        self.manifest(name)
        if self._disk:
            yield self._disk / name
            return
        files, root = self._opened
        with tempfile.TemporaryDirectory() as copy:
            files.get(f"{root}/{name}/", f"{copy}/{name}/", recursive=True)
            yield Path(copy) / name

    @contextmanager
    def public_folders(self, wave: str) -> Iterator[list[Path]]:
        """Public folders of the revisions of a wave, to read. Raises ReleaseError where one is damaged."""
        for name in self.revisions(wave):
            self.require_whole(name)
        with ExitStack() as stack:
            folders = [stack.enter_context(self.folder(name)) / "public" for name in self.revisions(wave)]
            yield [folder for folder in folders if folder.is_dir()]

    def damaged(self, name: str) -> list[Damage]:
        """Files of a release that are missing, changed or unexpected."""
        files, root = self._opened
        base = f"{root}/{name}/"
        found = {path.removeprefix(base): path for path in files.find(base)}
        if not {MANIFEST, WHOLE_MANIFEST} & found.keys():
            return [Damage(WHOLE_MANIFEST, "missing")]
        # A release of before there were audiences has its lists in its folder, or a manifest alone.
        lists = _CHECKSUMS if WHOLE_MANIFEST in found else [path for path in (CHECKSUMS,) if path in found]
        known = self._in_manifest(name)
        expected: dict[str, str] = {}
        for path in (path for path in lists if path in found):
            expected |= self._read_checksums(name, path)
        expected = expected or known | {MANIFEST: hashlib.sha256(self.read(name, MANIFEST)).hexdigest()}
        missing = [Damage(path, "missing") for path in (*lists, *expected) if path not in found]
        named = {*lists, *expected, *known, WHOLE_MANIFEST, f"public/{MANIFEST}"}
        unexpected = [Damage(path, "unexpected") for path in found if path not in named]
        digests = {path: _digest(files, found[path]) for path in expected if path in found}
        changed = [path for path, digest in digests.items() if digest != expected[path]]
        if changed and all(digests[path] == known.get(path) for path in changed):
            folders = {one: one.removesuffix(CHECKSUMS) for one in lists}
            changed = [one for one, prefix in folders.items() if any(path.startswith(prefix) for path in changed)]
        # The ledger knows the lists themselves, which nothing in a release vouches for.
        entered = self._entry(name).get("files", {})
        lost = [Damage(path, "missing") for path in entered if path not in found]
        changed += [path for path in entered if path in found and _digest(files, found[path]) != entered[path]]
        damaged = {*missing, *lost, *unexpected, *(Damage(path, "changed") for path in changed)}
        return sorted(damaged, key=lambda damage: damage.path)

    def publish(self, folder: Path, manifest: Mapping[str, Any]) -> Published:
        """Publish a finished folder under the name of its manifest.

        Raises ReleaseError where the newest revision is damaged or the name is taken.
        """
        name = manifest["release"]
        if later := [one for one in self.names() if self.format_of(one) > RELEASE_FORMAT]:
            raise ReleaseError(
                f"release {later[-1]} at {self.address} was published by a later version of needs (format "
                f"{self.format_of(later[-1])}, this one knows {RELEASE_FORMAT}). Publish by that version."
            )
        if name in self.names() or name in self.published():
            raise ReleaseError(
                f"release {name} exists or existed with other content at {self.path_of(name)}; a published release "
                "is never overwritten. Publish again: the next revision is taken."
            )
        if self._disk:
            self._put_on_disk(folder, self._disk, name)
        else:
            self._put_objects(folder, name)
        self._enter(name)
        self.point_to_latest()
        return Published(name, self.path_of(name), is_new=True)

    def unchanged(self, manifest: Mapping[str, Any]) -> Published | None:
        """The newest revision of the manifest's wave, if it has the same content.

        Raises ReleaseError where that revision is damaged.
        """
        latest = self.latest(manifest["wave"])
        if latest is None:
            return None
        self.require_whole(latest)
        if identity(self.manifest(latest)) != identity(manifest):
            return None
        self.point_to_latest()
        return Published(latest, self.path_of(latest), is_new=False)

    def point_to_latest(self) -> None:
        """Write `latest.json` and what the ledger lacks, if they do not say so already."""
        for name in self.unentered():
            if not self.damaged(name):
                self._enter(name)
        if self.points_to_latest():
            return
        files, root = self._opened
        if self._disk:
            write_whole(self._disk / LATEST, self._newest())
        else:
            files.pipe_file(f"{root}/{LATEST}", self._newest())

    def points_to_latest(self) -> bool:
        """Whether `latest.json` names the newest revision of each wave."""
        files, root = self._opened
        path = f"{root}/{LATEST}"
        return bool(files.cat_file(path) == self._newest()) if files.exists(path) else not self.names()

    def unentered(self) -> list[str]:
        """Releases that the ledger does not know, or no more: of before there was one, or of a killed process."""
        return [name for name in self.names() if not self._entry(name)]

    def format_of(self, name: str) -> int:
        """The format of a release; 0 where the ledger does not know it, as it is of before there was one."""
        entry = self._entry(name)
        return int(entry.get("format", 1)) if entry else 0

    def published_on(self, name: str) -> str | None:
        """The day a release was published (ISO 8601, UTC); None where the ledger does not know it.

        It is in the ledger alone: a release itself is the same whenever it is made.
        """
        found = self._entry(name).get("published_on")
        return str(found) if found else None

    def _entry(self, name: str) -> dict[str, Any]:
        """What the ledger says of a release; nothing where it has no entry, or a damaged one."""
        files, root = self._opened
        path = f"{root}/{LEDGER}/{name}.json"
        return (parse_record(files.cat_file(path)) if files.exists(path) else None) or {}

    def _enter(self, name: str) -> None:
        """Keep in the ledger that a release was published, with the checksums of its lists of checksums."""
        files, root = self._opened
        lists = [path for path in (*_CHECKSUMS, CHECKSUMS, MANIFEST) if self._has(name, path)]
        digests = {path: hashlib.sha256(self.read(name, path)).hexdigest() for path in lists}
        # The day its files were written: an entry that is made anew, on another day, says the same.
        written = [files.modified(f"{root}/{name}/{path}") for path in lists]
        day = f"{min(written):%F}" if written else None
        text = record_text({"release": name, "format": RELEASE_FORMAT, "published_on": day, "files": digests})
        if self._disk:
            path = self._disk / LEDGER / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            write_whole(path, text)
            path.chmod(path.stat().st_mode & ~0o222)
        else:
            files.pipe_file(f"{root}/{LEDGER}/{name}.json", text.encode())

    def unfinished(self) -> list[str]:
        """What a process that was killed while it published left behind."""
        return sorted(path.name for path in self._disk.glob(f".*{PARTIAL}")) if self._disk else []

    def _newest(self) -> bytes:
        return (json.dumps({wave_of(name): name for name in self.names()}, indent=2) + "\n").encode()

    def _is_there(self, name: str) -> bool:
        files, root = self._opened
        if self._disk:
            return bool(files.isdir(f"{root}/{name}"))
        return any(self._has(name, path) for path in (WHOLE_MANIFEST, MANIFEST))

    def _has(self, name: str, path: str) -> bool:
        files, root = self._opened
        return bool(files.exists(f"{root}/{name}/{path}"))

    def _read_checksums(self, name: str, path: str) -> dict[str, str]:
        """Checksums of a list by the paths of files from the folder of the release."""
        prefix = path.removesuffix(CHECKSUMS)
        lines = self.read(name, path).decode("utf-8", "replace").splitlines()
        return {f"{prefix}{listed}": digest for digest, _, listed in (line.partition("  ") for line in lines)}

    def _in_manifest(self, name: str) -> dict[str, str]:
        try:
            return {entry["path"]: entry["sha256"] for entry in self.manifest(name)["files"]}
        except ValueError:
            return {}

    @staticmethod
    def _put_on_disk(folder: Path, root: Path, name: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        for left_over in root.glob(f".*{PARTIAL}"):
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
        aside = root / f".{name}{PARTIAL}"
        shutil.copytree(folder, aside)
        for path in sorted(aside.rglob("*")):
            if path.is_file():
                flush(path)
                path.chmod(path.stat().st_mode & ~0o222)
        aside.rename(root / name)
        flush(root)

    def _put_objects(self, folder: Path, name: str) -> None:
        files, root = self._opened
        if left_over := files.find(f"{root}/{name}/"):
            files.rm(left_over)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in sorted(paths, key=lambda path: path == folder / WHOLE_MANIFEST):
            files.pipe_file(f"{root}/{name}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def wave_of(name: str) -> str:
    """Wave of a release name. Raises ReleaseError for what is none."""
    return _order(name)[0]


def write_checksums(folder: Path, known: Mapping[str, str] | None = None) -> None:
    """Write `SHA256SUMS` of every other file of a folder, as `sha256sum -c` reads it; `known` ones are not hashed."""
    digests = known or {}
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{digests.get(path) or file_sha256(folder / path)}  {path}\n" for path in paths if path != CHECKSUMS]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def _order(name: str) -> tuple[str, int]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise ReleaseError(f"{name} is no name of a release. Give a wave and a revision, such as 2024.0.")
    return match["wave"], int(match["revision"])


def _digest(files: AbstractFileSystem, path: str) -> str:
    with files.open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remedy(names: Sequence[str]) -> str:
    return f"Releases are: {', '.join(names)}." if names else "There is no release yet: run `needs refresh`."
