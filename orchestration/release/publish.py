"""Publishing: a draft becomes an immutable folder `<wave>.<revision>`, written aside and renamed.

Never overwritten: other content is a new revision, the same content is the release that exists.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.release.manifest import damaged_files, identity, read_manifest, write_manifest

_PARTIAL = ".partial"


class ReleaseError(RuntimeError):
    """A release that cannot be published; the message says why and what to do."""


@dataclass(frozen=True)
class Published:
    """The release of a wave after a run: its name and folder, and whether this run made it."""

    name: str
    folder: Path
    is_new: bool


def revisions(releases: Path, wave: str) -> list[tuple[int, Path]]:
    """Published revisions of a wave, oldest first."""
    pattern = re.compile(rf"{re.escape(wave)}\.(\d+)")
    found = [
        (int(match.group(1)), path)
        for path in (releases.iterdir() if releases.exists() else ())
        if (match := pattern.fullmatch(path.name)) and path.is_dir()
    ]
    return sorted(found)


def latest_release(releases: Path, wave: str) -> Path | None:
    """Folder of the newest revision of a wave."""
    found = revisions(releases, wave)
    return found[-1][1] if found else None


def next_name(releases: Path, wave: str) -> str:
    """Name that a new revision of the wave gets."""
    found = revisions(releases, wave)
    return f"{wave}.{found[-1][0] + 1 if found else 0}"


def publish(draft: Path, manifest: Mapping[str, Any], releases: Path) -> Published:
    """Publish a draft under the name that its manifest carries, unless the newest revision has the same content.

    Raises ReleaseError where the newest revision is damaged or the name is taken.
    """
    wave = manifest["wave"]
    latest = latest_release(releases, wave)
    if latest is not None and (damaged := damaged_files(latest)):
        raise ReleaseError(
            f"release {latest.name} is damaged: {', '.join(damaged[:5])} of {latest} missing or changed. "
            "Put the published files back from a backup; a revision is never written again."
        )
    if latest is not None and identity(read_manifest(latest)) == identity(manifest):
        return Published(latest.name, latest, is_new=False)
    name = manifest["release"]
    target = releases / name
    aside = releases / f".{name}{_PARTIAL}"
    if target.exists():
        raise ReleaseError(f"release {name} exists with other content; a published release is never overwritten")
    releases.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(draft, aside)
    write_manifest(aside, manifest)
    for path in sorted(aside.rglob("*")):
        if path.is_file():
            _flush(path)
            path.chmod(0o444)
    aside.rename(target)
    return Published(name, target, is_new=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
