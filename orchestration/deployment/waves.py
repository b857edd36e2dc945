"""Draft, judge and publish the release of a wave: what a Dagster asset and a command call alike.

Each is a stage: it holds the lock and is remembered in the run table. Not here: how a release is written, judged,
finished and stored (release/), Dagster (pipeline/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations.outcomes import Outcome, entries_of, errors, failure_text
from orchestration.common.progress import tell_progress
from orchestration.deployment.ahead import FindAhead, WavePattern
from orchestration.deployment.drafts import SHORT, is_as_judged, made_of, read_entries
from orchestration.deployment.runs import COMMAND, DONE, DRAFT, GATE, PUBLISH, newest, stage
from orchestration.disclosure.merges import ChangedClassesError
from orchestration.disclosure.tables import Guard
from orchestration.release.codebooks import read_codebooks
from orchestration.release.description import read_headings
from orchestration.release.disclosure import guard_wave
from orchestration.release.draft import DraftFile, published_tables, write_draft
from orchestration.release.gate import judge_draft
from orchestration.release.manifest import build_manifest, file_entries
from orchestration.release.package import finish_release
from orchestration.release.store import Published, ReleaseError, ReleaseStore
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.build_record import built_by, read_column, read_landings

Waiting = Callable[[str], object] | None


class GateError(ReleaseError):
    """A draft that the release gate refused; `outcomes` are what each rule found."""

    def __init__(self, wave: str, outcomes: list[Outcome]) -> None:
        super().__init__(failure_text(f"release gate of wave {wave}", errors(outcomes)))
        self.outcomes = outcomes


@dataclass(frozen=True)
class Drafted:
    """A draft that passed the gate: its files, and what each rule found."""

    files: tuple[DraftFile, ...]
    outcomes: list[Outcome]


def draft_wave(
    settings: Settings,
    wave: str,
    dbt_manifest: Mapping[str, Any],
    run_id: str = COMMAND,
    waiting: Waiting = None,
    find_ahead: FindAhead | None = None,
) -> Drafted:
    """Draft a wave from the checked warehouse for each audience, and judge it; `find_ahead` is asked for its pattern.

    Raises GateError where it does not pass, ReleaseError where there is nothing to draft from or an earlier revision is
    damaged.
    """
    tables, folder = published_tables(dbt_manifest), settings.drafts / wave
    with (
        stage(settings, run_id, DRAFT, wave, waiting) as found,
        _guard(settings, wave, find_ahead and find_ahead(wave)) as (database, guard, earlier),
    ):
        tell_progress("writing its tables")
        files = write_draft(database, wave, tables, folder, guard)
        tell_progress("judging it")
        outcomes = judge_draft(folder, database, wave, tables, guard, earlier)
        found.checks += entries_of(f"{GATE} {wave}", outcomes)
        if errors(outcomes):
            raise GateError(wave, outcomes)
        found.facts.update(files=len(files), **made_of(built_by(database), file_entries(folder, files)))
        return Drafted(files, outcomes)


def judge_wave(
    settings: Settings, wave: str, dbt_manifest: Mapping[str, Any], waiting: Waiting = None
) -> list[Outcome]:
    """Judge the draft of a wave again; what each rule found, errors first.

    Raises ReleaseError where there is no draft.
    """
    tables, folder = published_tables(dbt_manifest), settings.drafts / wave
    if not folder.exists():
        raise ReleaseError(f"wave {wave} has no draft in {settings.drafts}. Run `needs release build {wave}`.")
    with stage(settings, COMMAND, GATE, wave, waiting) as found, _guard(settings, wave) as (database, guard, earlier):
        outcomes = judge_draft(folder, database, wave, tables, guard, earlier)
        found.checks += entries_of(f"{GATE} {wave}", outcomes)
        found.facts.update(rules=len(outcomes), failed=len(errors(outcomes)))
        return outcomes


def publish_wave(
    settings: Settings, wave: str, dbt_manifest: Mapping[str, Any], run_id: str = COMMAND, waiting: Waiting = None
) -> Published:
    """Publish the draft of a wave that passed the gate; the same content makes no new revision.

    Raises ReleaseError where the draft did not pass, or is not to be published.
    """
    with stage(settings, run_id, PUBLISH, wave, waiting) as found:
        store, folder, database = ReleaseStore(settings.releases), settings.drafts / wave, _checked_database(settings)
        build = newest(settings, "build", run_id=built_by(database), only_done=True)
        if build is None:
            raise ReleaseError("nothing tells how the warehouse was built and checked. Run `needs refresh`.")
        draft, files = newest(settings, DRAFT, of=wave), read_entries(folder)
        told = made_of(build.run_id, files or [])
        if draft is None or files is None or draft.status != DONE or not told.items() <= draft.facts.items():
            raise ReleaseError(f"the draft of wave {wave} did not pass the gate. Draft it again.")
        sources, checks = read_landings(database, wave), [*build.checks, *draft.checks]
        described = build_manifest(
            wave, store.next_name(wave), files, sources, checks, settings.disclosure, PROJECT_ROOT
        )
        release = store.unchanged(described)
        if release is None:
            headings, codebooks = read_headings(database, wave), read_codebooks(database, wave)
            publisher, reason = settings.publisher, settings.release_reason
            finished = finish_release(folder, described, dbt_manifest, headings, codebooks, publisher, store, reason)
            release = store.publish(folder, finished)
        found.facts.update(release=release.name, is_new=release.is_new)
        return release


def require_gate(settings: Settings, waves: Iterable[str]) -> None:
    """Raises ReleaseError unless every wave passed the gate with the checked warehouse."""
    build = built_by(_checked_database(settings))[:SHORT]
    drafts = ((wave, newest(settings, DRAFT, of=wave)) for wave in waves)
    refused = [wave for wave, draft in drafts if not draft or draft.status != DONE or draft.facts.get("build") != build]
    if refused:
        raise ReleaseError(
            f"wave {', '.join(refused)} did not pass the gate with this warehouse, so it is not served. "
            "What was served stays. To do: mend what the gate found, then run `needs refresh`."
        )


@contextmanager
def _guard(settings: Settings, wave: str, ahead: WavePattern | None = None) -> Iterator[tuple[Path, Guard, list[Path]]]:
    """The checked warehouse, what may be shown of a wave, computed once, and its earlier public folders."""
    tell_progress("deciding what may be shown")
    database = _checked_database(settings)
    store = ReleaseStore(settings.releases)
    folders = nullcontext(list(ahead.earlier)) if ahead else store.public_folders(wave)
    with folders as earlier, _base_folders(settings, store, database, wave) as bases:
        try:
            guard = guard_wave(database, wave, settings.disclosure, earlier, bases, ahead and ahead.pattern)
        except ChangedClassesError as error:
            raise ReleaseError(f"wave {wave}: {error}") from error
        yield database, guard, earlier


@contextmanager
def _base_folders(settings: Settings, store: ReleaseStore, database: Path, wave: str) -> Iterator[dict[str, Path]]:
    """The public folder of each wave that changes are told since: its draft of this warehouse, else its release."""
    query = "select base_wave from knowledge.waves where wave = $wave and base_wave is not null"
    build = built_by(database)[:SHORT]
    found: dict[str, Path] = {}
    with ExitStack() as stack:
        for base in read_column(database, query, {"wave": wave}):
            draft = newest(settings, DRAFT, of=base)
            is_of_this = draft and draft.status == DONE and build and draft.facts.get("build") == build
            if is_of_this and is_as_judged(settings, base):
                found[base] = settings.drafts / base / "public"
            elif released := stack.enter_context(store.public_folders(base)):
                found[base] = released[-1]
        yield found


def _checked_database(settings: Settings) -> Path:
    if not settings.checked_database.exists():
        raise ReleaseError("there is no checked warehouse to release from. Build the warehouse first.")
    return settings.checked_database
