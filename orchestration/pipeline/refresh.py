"""The main job: land, build, release, serve, each stage as a Dagster run in this process.

Here: the order of the stages, what is shown of them, and when there is nothing to do. Not here: any stage's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchestration.common.decisions import hold_whole
from orchestration.common.whole_file import write_whole
from orchestration.deployment.addresses import AddressError, tell_address
from orchestration.deployment.cleanup import remove_orphaned_files, set_damaged_aside
from orchestration.deployment.doctor import damaged_landings, mended_by_refresh
from orchestration.deployment.formats import tell_formats, told_of_earlier
from orchestration.deployment.lock import hold_lock
from orchestration.deployment.runs import COMMAND, DONE, DRAFT, PUBLISH, REBUILD, REFRESH, Stage, newest, stage
from orchestration.deployment.storage import INSTANCE, INSTANCE_IN_POSTGRES, INSTANCES, SETTINGS_OF_DAGSTER
from orchestration.landing.landing import RowCounts, Source, landing_id
from orchestration.pipeline.inputs import files_digest
from orchestration.pipeline.interrupts import watch_interrupts
from orchestration.pipeline.retention import forget_old_runs
from orchestration.pipeline.runs import SEEDS_TAG, close_lost_runs, is_unreadable, open_instance, run_tags
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.execution.plan.objects import StepFailureData

    from orchestration.deployment.ahead import FindAhead
    from orchestration.extracts.parts import Content
    from orchestration.knowledge.load import Knowledge
    from orchestration.rounds.card import RoundCard

Progress = Callable[[str], AbstractContextManager[None]]
_FINGERPRINT_LENGTH = 16


class RefreshError(RuntimeError):
    """A stage failed; the text says what and what to do. Nothing that was served or published has changed."""


@dataclass(frozen=True, kw_only=True)
class RoundRows(RowCounts):
    """Row accounting of a round."""

    key: str
    is_synthetic: bool


@dataclass(frozen=True)
class ReleaseState:
    """The newest release of a wave."""

    name: str
    folder: str
    is_new: bool
    is_synthetic: bool


@dataclass(frozen=True)
class CheckCount:
    """How many checks of a stage ran, and which did not pass."""

    stage: str
    tool: str
    run_n: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did: rows, releases and checks.

    `notes` are what was damaged and begun anew, and what readers had to say of the extracts.
    """

    is_unchanged: bool
    rounds: tuple[RoundRows, ...]
    releases: tuple[ReleaseState, ...]
    checks: tuple[CheckCount, ...]
    notes: tuple[str, ...]


def refresh(settings: Settings, progress: Progress, *, force: bool = False, wait: bool = False) -> RefreshReport:
    """Run the main job, or say that nothing changed since the last one. With `wait`, another one may end first.

    Raises RefreshError where a stage fails, BusyError where another process holds the lock, AddressError where the
    deployment cannot be written to, FormatError where a later version wrote it, CodebookError or KnowledgeError where
    the seeds cannot be used, ExtractError where an address cannot be read whose checksum no round.yml names.
    """
    from orchestration.rounds.card import load_rounds
    from orchestration.warehouse.build_record import built_by

    with tell_address(settings), hold_lock(settings, wait=wait):
        earlier = told_of_earlier(settings)
        with hold_whole(settings.seeds):
            before = files_digest(settings.seeds)
        last = newest(settings, REFRESH, REBUILD)
        # Of files that were read and found sound the cards alone are read, which say where the extracts are.
        is_known = last is not None and last.facts.get("files") == before
        knowledge = None if is_known and not force else _load_knowledge(settings)
        cards = knowledge.rounds if knowledge else load_rounds(settings.seeds)
        contents = _read_extracts(settings, cards)
        landings = {card.key: landing_id(card, contents[card.key], settings) for card in cards if card.key in contents}
        deployed = [settings.disclosure.model_dump_json(), settings.publisher.model_dump_json()]
        told = [before, *landings.values(), *deployed]
        fingerprint = hashlib.sha256("\n".join(told).encode()).hexdigest()[:_FINGERPRINT_LENGTH]
        if last and not knowledge and (kept := unchanged_report(settings, last, fingerprint, cards)):
            tell_formats(settings)
            return kept
        knowledge = knowledge or _load_knowledge(settings, cards)
        if files_digest(settings.seeds) != before:
            raise RefreshError("a seed changed while the seeds were being read. Refresh again.")
        sources = {key: Source(knowledge.codebooks[key], contents[key], name) for key, name in landings.items()}
        mended = (*earlier, *set_damaged_aside(settings))
        # Until it is done there is no last good run to compare with.
        with stage(settings, COMMAND, REFRESH) as found:
            _run_stages(settings, progress, knowledge, sources, before)
            waves = knowledge.waves_to_release()
            published = [publish.facts["release"] for publish in _newest_of_waves(settings, PUBLISH, waves)]
            build = built_by(settings.checked_database)
            found.facts.update(files=before, fingerprint=fingerprint, waves=waves, releases=published, build=build)
        return _report_of(settings, cards, waves, is_unchanged=False, mended=mended)


def rebuild(
    settings: Settings, progress: Progress, *, wait: bool = False, again: Collection[str] = ()
) -> tuple[str, ...]:
    """Make the warehouse of the landed rounds alone, and put it in place once it passed the gate: nothing is released.

    No extract is read but that of a round whose landing is damaged, or is to be made `again`. Returns what was damaged
    and begun anew.
    Raises RefreshError where a stage fails, BusyError where another process holds the lock.
    """
    from orchestration.pipeline.jobs import BUILD, DRAFT_RELEASE, LAND, SERVE

    with tell_address(settings), hold_lock(settings, wait=wait), ExitStack() as stack:
        mended = (*told_of_earlier(settings), *set_damaged_aside(settings))
        stack.enter_context(stage(settings, COMMAND, REBUILD))
        with hold_whole(settings.seeds):
            seeds = files_digest(settings.seeds)
        knowledge = _load_knowledge(settings)
        if files_digest(settings.seeds) != seeds:
            raise RefreshError("a seed changed while the seeds were being read. Rebuild again.")
        definitions = _begin(settings, progress, knowledge)
        unusable = {*again, *(key for key, _, _ in damaged_landings(settings))} & {
            card.key for card in knowledge.rounds
        }
        with open_instance(settings.dagster_home) as instance:
            close_lost_runs(instance)
            for key in sorted(unusable):
                with progress(f"land {key} again"):
                    _run(definitions, instance, LAND, key)
            with progress("build the warehouse"):
                _run(definitions, instance, BUILD, seeds=seeds)
            for wave in knowledge.waves_to_release():
                with progress(f"draft and judge wave {wave}"):
                    _run(definitions, instance, DRAFT_RELEASE, wave)
            with progress("put the warehouse in place"):
                _run(definitions, instance, SERVE)
        return mended


def _begin(
    settings: Settings,
    progress: Progress,
    knowledge: Knowledge,
    sources: Mapping[str, Source] = MappingProxyType({}),
    find_ahead: FindAhead | None = None,
) -> dg.Definitions:
    """What a run of several stages starts with: the asset graph, and an instance set up for its runs.

    Raises RefreshError where dbt cannot parse the project.
    """
    remove_orphaned_files(settings)
    with progress("start Dagster and dbt"):
        from orchestration.pipeline.dbt import DbtError
        from orchestration.pipeline.graph import build_definitions

        try:
            definitions = build_definitions(settings, knowledge, sources, find_ahead)
        except DbtError as error:
            raise RefreshError(str(error)) from error
        ensure_instance(settings.dagster_home, is_postgres=settings.dagster_storage is not None)
        return definitions


def _load_knowledge(settings: Settings, cards: tuple[RoundCard, ...] | None = None) -> Knowledge:
    # Not imported where nothing changed: models of all seeds take a tenth of that.
    from orchestration.knowledge.load import load_knowledge

    return load_knowledge(settings.seeds, cards)


def _read_extracts(settings: Settings, cards: Iterable[RoundCard]) -> dict[str, tuple[Content, ...]]:
    """What each round's extract holds; one that cannot be read from this machine is told where it is landed."""
    from orchestration.common.addresses import is_address
    from orchestration.extracts.errors import ExtractError
    from orchestration.extracts.parts import read_contents

    contents = {}
    for card in cards:
        try:
            contents[card.key] = read_contents(card, settings, is_kept=True)
        except ExtractError:
            if any(map(is_address, card.extract)):
                raise
    return contents


def unchanged_report(
    settings: Settings, last: Stage, fingerprint: str, cards: Iterable[RoundCard]
) -> RefreshReport | None:
    """The report of the last run if its inputs are those of now and its outputs are whole and the newest; else None."""
    from orchestration.release.store import ReleaseStore
    from orchestration.warehouse.build_record import built_by

    if (last.stage, last.status, last.facts.get("fingerprint")) != (REFRESH, DONE, fingerprint):
        return None
    if next(mended_by_refresh(settings), None):
        return None
    databases = settings.served_database, settings.checked_database
    if any(built_by(database) != last.facts.get("build") for database in databases if database.exists()):
        return None
    store, waves = ReleaseStore(settings.releases), last.facts["waves"]
    releases = [store.latest(wave) for wave in waves]
    if releases != last.facts["releases"] or any(store.damaged(name) for name in releases if name):
        return None
    store.point_to_latest()
    return _report_of(settings, cards, waves, is_unchanged=True)


def _run_stages(
    settings: Settings, progress: Progress, knowledge: Knowledge, sources: Mapping[str, Source], seeds: str
) -> None:
    """All stages of a refresh, of knowledge that was read from seeds with this checksum."""
    from orchestration.deployment.ahead import PatternsAhead

    ahead = PatternsAhead(settings)
    definitions = _begin(settings, progress, knowledge, sources, ahead.find)

    from orchestration.pipeline.jobs import BUILD, DRAFT_RELEASE, LAND, SERVE

    waves = knowledge.waves_to_release()
    with open_instance(settings.dagster_home) as instance:
        close_lost_runs(instance)
        refused = []
        for card in knowledge.rounds:
            try:
                with progress(f"land {card.key}"):
                    _run(definitions, instance, LAND, card.key)
            except RefreshError as error:
                refused.append(str(error))
        if refused:
            raise RefreshError("\n\n".join(refused))
        with ahead.hold_processes(len(waves)):
            with progress("build the warehouse"):
                _run(definitions, instance, BUILD, seeds=seeds)
            ahead.begin(waves)
            for wave in waves:
                with progress(f"draft and judge wave {wave}"):
                    _run(definitions, instance, DRAFT_RELEASE, wave)
        for wave in waves:
            with progress(f"publish wave {wave}"):
                _run(definitions, instance, PUBLISH, wave)
        with progress("put the warehouse in place"):
            _run(definitions, instance, SERVE)
        forget_old_runs(settings, instance)


def ensure_instance(dagster_home: Path, *, is_postgres: bool = False) -> None:
    """Write the instance's settings where there are none yet, or others that we wrote; those of a user stay."""
    settings_file = dagster_home / SETTINGS_OF_DAGSTER
    wanted = INSTANCE_IN_POSTGRES if is_postgres else INSTANCE
    found = settings_file.read_text(encoding="utf-8") if settings_file.exists() else None
    if found is None or (found != wanted and found in INSTANCES):
        write_whole(settings_file, wanted)


def _run(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    partition_key: str | None = None,
    seeds: str | None = None,
) -> None:
    """Run a job in this process; a build is told the checksum of the `seeds` that its knowledge was read from."""
    import dagster as dg
    from dagster_shared.serdes.errors import DeserializationError

    with watch_interrupts() as is_interrupted:
        try:
            result = definitions.resolve_job_def(job).execute_in_process(
                partition_key=partition_key,
                instance=instance,
                raise_on_error=False,
                tags={**run_tags(), **({SEEDS_TAG: seeds} if seeds else {})},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        except dg.DagsterExecutionInterruptedError as error:
            raise KeyboardInterrupt from error
        if is_interrupted():
            raise KeyboardInterrupt
    if not result.success:
        if any(event.is_step_failure and _is_of_storage(event.step_failure_data) for event in result.all_events):
            raise DeserializationError(_failure(result))
        raise RefreshError(_failure(result))


def _is_of_storage(failure: StepFailureData) -> bool:
    """Whether a step failed because Dagster could not read what it had stored."""
    error = failure.error
    while error is not None and not is_unreadable(error.cls_name):
        error = error.cause
    return error is not None


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """The text of the step that failed: what the asset said, else the error itself."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            error = data.error.cause if data.error and data.error.cause else data.error
            if error and error.cls_name == AddressError.__name__:
                return error.message.strip().partition(": ")[2]
            return error.to_string() if error else "failed without a message"
    return "failed without a message"


def _newest_of_waves(settings: Settings, name: str, waves: Iterable[str]) -> Iterator[Stage]:
    """The newest stage of each wave that was done."""
    found = (newest(settings, name, of=wave, only_done=True) for wave in waves)
    return filter(None, found)


def _report_of(
    settings: Settings,
    cards: Iterable[RoundCard],
    waves: Collection[str],
    *,
    is_unchanged: bool,
    mended: tuple[str, ...] = (),
) -> RefreshReport:
    """What the run table says of the last stages of a refresh."""
    from orchestration.landing.landing import current_notes
    from orchestration.release.store import ReleaseStore

    store = ReleaseStore(settings.releases)
    landed = [(card, newest(settings, "land", of=card.key, only_done=True)) for card in cards]
    build = newest(settings, "build", only_done=True)
    drafts = [check for draft in _newest_of_waves(settings, DRAFT, waves) for check in draft.checks]
    published = [publish.facts for publish in _newest_of_waves(settings, PUBLISH, waves)]
    return RefreshReport(
        is_unchanged=is_unchanged,
        rounds=tuple(
            RoundRows(key=card.key, is_synthetic=card.synthetic, **land.facts) for card, land in landed if land
        ),
        releases=tuple(
            ReleaseState(
                facts["release"],
                store.path_of(facts["release"]),
                is_new=facts["is_new"] and not is_unchanged,
                is_synthetic=store.manifest(facts["release"])["synthetic"],
            )
            for facts in published
        ),
        checks=_check_counts([*(build.checks if build else ()), *drafts]),
        notes=(*mended, *current_notes(settings.landing)),
    )


def _check_counts(checks: Iterable[dict[str, Any]]) -> tuple[CheckCount, ...]:
    stages: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for check in checks:
        stages.setdefault((check["stage"], check["tool"]), []).append(check)
    return tuple(
        CheckCount(stage, tool, len(ran), tuple(sorted(check["rule"] for check in ran if not check["passed"])))
        for (stage, tool), ran in stages.items()
    )
