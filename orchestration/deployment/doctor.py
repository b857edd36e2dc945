"""Looks at what a deployment keeps, says what is not as it should be, and what would mend it. Changes nothing.

Here: landing, warehouse, releases, runs and what was never finished. Not here: mending (`needs refresh`, `needs
rebuild`, cleanup.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.deployment.cleanup import find_orphaned_files
from orchestration.deployment.lock import is_busy, lock_holder
from orchestration.deployment.runs import is_damaged, lost_stages
from orchestration.settings import Settings

REFRESH, REBUILD = "`needs refresh`", "`needs rebuild`"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: in which part, where, what it is, and what mends it."""

    part: str
    place: str
    found: str
    to_do: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that is not as it should be, part by part."""
    if is_busy(settings):
        yield Finding("runs", str(settings.data), lock_holder(settings), "wait for it to end, then look again")
        return
    yield from _landings(settings)
    yield from _warehouse(settings)
    yield from _releases(settings)
    yield from _runs(settings)
    for path in find_orphaned_files(settings):
        yield Finding("orphaned files", _shown(path, settings.data), "was never finished", f"{REFRESH} removes it")


def _landings(settings: Settings) -> Iterator[Finding]:
    from orchestration.landing.landing import POINTER, is_whole

    root = settings.landing
    admitted = {}
    for pointer in sorted(root.glob(f"*/*/{POINTER}")):
        folder = pointer.parent / pointer.read_text(encoding="ascii", errors="replace").strip()
        if folder == pointer.parent or not folder.is_dir():
            yield Finding("landing", _shown(pointer, settings.data), "points to a landing that is gone", _LANDS_AGAIN)
        else:
            admitted[folder] = pointer
    for folder in sorted(path for path in root.glob("*/*/[!.]*") if path.is_dir()):
        if not is_whole(folder):
            remedy = _LANDS_AGAIN if folder in admitted else "nothing needs it: remove the folder, or leave it"
            found = "has a file that is not whole, or of another version of the reader"
            yield Finding("landing", _shown(folder, settings.data), found, remedy)


_LANDS_AGAIN = f"{REFRESH} lands the round again from its extract"


def _warehouse(settings: Settings) -> Iterator[Finding]:
    from orchestration.landing.landing import LandingError, current_landings
    from orchestration.warehouse.build import is_readable
    from orchestration.warehouse.build_record import landing_ids

    try:
        landed = current_landings(settings.landing)
    except LandingError:
        landed = None
    for name, database in (("served", settings.served_database), ("checked", settings.checked_database)):
        place = _shown(database, settings.data)
        if not database.exists():
            if landed:
                yield Finding(
                    "warehouse", place, f"there is no {name} warehouse", f"{REBUILD} makes it of what is landed"
                )
            continue
        if not is_readable(database):
            yield Finding("warehouse", place, "cannot be read", f"{REBUILD} makes it anew of what is landed")
            continue
        built_from = landing_ids(database)
        if landed is not None and built_from != landed:
            changed = ", ".join(sorted(key for key, _ in built_from.items() ^ landed.items()))
            yield Finding("warehouse", place, f"was built from other landings ({changed})", f"{REFRESH} builds it anew")


def _releases(settings: Settings) -> Iterator[Finding]:
    from orchestration.release.store import ReleaseStore

    store = ReleaseStore(settings.releases)
    for name in store.names():
        for damage in store.damaged(name):
            remedy = "put the file back from a backup; a revision is never written again"
            yield Finding("releases", f"{name}/{damage.path}", damage.what, remedy)
    for name in store.unfinished():
        yield Finding("releases", name, "was never finished", "the next release that is published removes it")
    if not store.points_to_latest():
        yield Finding(
            "releases", "latest.json", "does not point to the newest releases", f"{REFRESH} --force writes it"
        )


def _runs(settings: Settings) -> Iterator[Finding]:
    if is_damaged(settings):
        yield Finding("runs", "run table", "cannot be read", f"{REFRESH} sets it aside and begins a new one")
    for stage in lost_stages(settings):
        found = "is told as going on, but its process is gone"
        yield Finding("runs", f"{stage.stage} {stage.of}".strip(), found, f"{REFRESH} tells it as lost")


def _shown(path: Path, data: Path) -> str:
    return path.resolve().relative_to(data.resolve()).as_posix()
