"""Looks at what a deployment keeps, says what is not as it should be, and what would mend it. Changes nothing.

Here: landing, warehouse, drafts, releases, runs, what dbt and Dagster keep, and what was never finished. Not here:
mending (`needs refresh`, `needs rebuild`, cleanup.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.common.problems import FileProblemsError
from orchestration.deployment.cleanup import find_orphaned_files
from orchestration.deployment.formats import REMEDY, damaged_records, formats_of
from orchestration.deployment.lock import is_busy, lock_holder
from orchestration.deployment.runs import is_damaged, lost_stages, newest
from orchestration.deployment.storage import damaged_files
from orchestration.deployment.workers import lost_workers
from orchestration.settings import Settings
from orchestration.warehouse.manifest import MANIFEST, parsed_project

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
    if later := [one for one in formats_of(settings) if one.found > one.known]:
        # Whatever else is found would be told by what this version knows.
        for one in later:
            yield Finding(one.part, one.place, one.reason, REMEDY)
        return
    yield from _seeds(settings)
    yield from mended_by_refresh(settings)
    for part, path in damaged_records(settings):
        yield Finding(part, _shown(path, settings.data), "cannot be read", f"{REFRESH} writes it anew")
    yield from _earlier_landings(settings)
    yield from _forgotten(settings)
    yield from _releases(settings)


def mended_by_refresh(settings: Settings) -> Iterator[Finding]:
    """What the next refresh mends by itself; for whoever holds the lock, or knows that nobody does."""
    for parts in (_landings, _warehouse, _drafts, _runs, _lost_workers, _programs):
        yield from parts(settings)
    for path in find_orphaned_files(settings):
        yield Finding("orphaned files", _shown(path, settings.data), "was never finished", f"{REFRESH} removes it")


def damaged_landings(settings: Settings) -> Iterator[tuple[str, Path, str]]:
    """Rounds whose admitted landing cannot be built from as it is: key, place and what was found."""
    from orchestration.landing.landing import admitted, is_whole, pointers, read_door

    for key, pointer in pointers(settings.landing):
        folder = admitted(pointer)
        if folder is None:
            yield key, pointer, "points to a landing that is gone"
        elif not is_whole(folder):
            yield key, folder, _NOT_WHOLE
        elif not read_door(folder):
            yield key, folder, "has no whole record of what the door found of it"


def is_empty(settings: Settings) -> bool:
    """Whether nothing was ever landed, built or published here."""
    from orchestration.release.store import ReleaseStore

    kept = (settings.landing, settings.served_database, settings.checked_database)
    return not any(path.exists() for path in kept) and not ReleaseStore(settings.releases).names()


def _seeds(settings: Settings) -> Iterator[Finding]:
    """What keeps `needs refresh` from beginning: without it no other advice would help."""
    from orchestration.knowledge.load import load_knowledge

    try:
        load_knowledge(settings.seeds)
    except (ValueError, OSError) as error:
        yield Finding("seeds", str(settings.seeds), str(error), f"correct this first; {REFRESH} needs it")


def _landings(settings: Settings) -> Iterator[Finding]:
    for _, path, found in damaged_landings(settings):
        remedy = f"{REFRESH} lands the round again from its extract"
        yield Finding("landing", _shown(path, settings.data), found, remedy)


def _earlier_landings(settings: Settings) -> Iterator[Finding]:
    from orchestration.landing.landing import admitted, is_whole, pointers

    current = {admitted(pointer) for _, pointer in pointers(settings.landing)}
    for folder in sorted(path for path in settings.landing.glob("*/*/[!.]*") if path.is_dir()):
        if folder not in current and not is_whole(folder):
            remedy = "nothing needs it: remove the folder, or leave it"
            yield Finding("landing", _shown(folder, settings.data), _NOT_WHOLE, remedy)


def _forgotten(settings: Settings) -> Iterator[Finding]:
    from orchestration.deployment.forget import remembered_landings
    from orchestration.rounds.forgotten import ForgottenError

    try:
        for landing in remembered_landings(settings):
            found = "holds a respondent who is to be forgotten"
            remedy = f"{REFRESH} lands the round without him; `needs forget` removes what is left"
            yield Finding("landing", _shown(landing, settings.data), found, remedy)
    except (ForgottenError, FileProblemsError) as error:
        yield Finding("seeds", "forgotten.csv", str(error), "correct this first: nobody is landed without it")


_NOT_WHOLE = "has a file that is not whole, or of another version of the reader"


def _warehouse(settings: Settings) -> Iterator[Finding]:
    from orchestration.landing.landing import LandingError, current_landings
    from orchestration.warehouse.build import content_of, is_readable
    from orchestration.warehouse.build_record import read_record

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
        record = read_record(database)
        build = newest(settings, "build", run_id=record.run_id, only_done=True)
        if build is None:
            yield Finding("warehouse", place, "nothing tells how it was built and checked", f"{REFRESH} builds it anew")
        elif build.facts.get("content") not in (None, content_of(database)):
            yield Finding("warehouse", place, "is not as it was built", f"{REBUILD} makes it anew of what is landed")
        if landed is not None and record.landings != landed:
            changed = ", ".join(sorted(key for key, _ in record.landings.items() ^ landed.items()))
            yield Finding("warehouse", place, f"was built from other landings ({changed})", f"{REFRESH} builds it anew")


def _drafts(settings: Settings) -> Iterator[Finding]:
    from orchestration.deployment.drafts import is_as_judged

    for folder in sorted(settings.drafts.glob("[!.]*")):
        if not is_as_judged(settings, folder.name):
            yield Finding(
                "drafts", _shown(folder, settings.data), "is not as the gate judged it", f"{REFRESH} drafts it anew"
            )


def _releases(settings: Settings) -> Iterator[Finding]:
    from orchestration.release.store import ReleaseStore

    store = ReleaseStore(settings.releases)
    for name in store.names():
        for damage in store.damaged(name):
            remedy = "put the file back from a backup; a revision is never written again"
            yield Finding("releases", f"{name}/{damage.path}", damage.what, remedy)
    for name in store.gone():
        remedy = "put it back from a backup; its name is never given to another"
        yield Finding("releases", name, "was published and is gone", remedy)
    for name in store.unfinished():
        yield Finding("releases", name, "was never finished", "the next release that is published removes it")
    for name in store.unentered():
        yield Finding("releases", name, "has no entry in the ledger", f"{REFRESH} makes it")
    if not store.points_to_latest():
        yield Finding("releases", "latest.json", "does not point to the newest releases", f"{REFRESH} writes it")


def _runs(settings: Settings) -> Iterator[Finding]:
    if is_damaged(settings):
        yield Finding("runs", "run table", "cannot be read", f"{REFRESH} sets it aside and begins a new one")
    for stage in lost_stages(settings):
        found = "is told as going on, but its process is gone"
        yield Finding("runs", f"{stage.stage} {stage.of}".strip(), found, f"{REFRESH} tells it as lost")


def _lost_workers(settings: Settings) -> Iterator[Finding]:
    for run_id in lost_workers(settings.dagster_home):
        found, remedy = "is told as going on, but its process is gone", f"the daemon, or {REFRESH}, tells it as failed"
        yield Finding("runs", f"Dagster run {run_id}", found, remedy)


def _programs(settings: Settings) -> Iterator[Finding]:
    """What Dagster and dbt keep, and need again."""
    for path in damaged_files(settings.dagster_home):
        remedy = f"{REFRESH} sets it aside and begins it anew; stop `needs ui` and the daemon before"
        yield Finding("Dagster", _shown(path, settings.data), "cannot be read", remedy)
    if settings.dbt_target.exists() and parsed_project(settings.dbt_target) is None:
        place = _shown(settings.dbt_target / MANIFEST, settings.data)
        yield Finding("dbt", place, "is not as it was parsed", f"{REFRESH} parses the project anew")


def _shown(path: Path, data: Path) -> str:
    return path.resolve().relative_to(data.resolve()).as_posix()
