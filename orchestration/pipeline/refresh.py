"""The main job: land, build, release, serve, each stage as a Dagster run in this process.

Here: the order of the stages, what is shown of them, and when there is nothing to do. Not here: any stage's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.common.json_record import record, recorded
from orchestration.common.whole_file import write_whole
from orchestration.deployment.cleanup import remove_leftovers
from orchestration.deployment.lock import hold_lock
from orchestration.pipeline.runs import close_lost_runs, run_tags
from orchestration.release.gate import gate_record
from orchestration.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.execution.plan.objects import StepFailureData

Progress = Callable[[str], AbstractContextManager[None]]
_CODE = (
    "orchestration/**/*.py",
    "expectations/**/*.py",
    *(f"dbt_project/**/*.{kind}" for kind in ("sql", "yml", "md")),
)
_LOCK = "requirements/main.txt"
_INSTANCE = (
    "telemetry:\n  enabled: false\nnux:\n  enabled: false\nconcurrency:\n  runs:\n    max_concurrent_runs: 1\n"
    "event_log_storage:\n  module: {module}\n  class: {name}\n  config:\n    base_dir:\n      env: DAGSTER_HOME\n"
)
_EVENT_LOG = {"module": "orchestration.pipeline.event_log", "name": "EventLogStorage"}
_EARLIER_EVENT_LOG = {"module": "dagster._core.storage.event_log", "name": "ConsolidatedSqliteEventLogStorage"}


class RefreshError(RuntimeError):
    """A stage failed; the text says what and what to do. Nothing that was served or published has changed."""


@dataclass(frozen=True)
class RoundRows:
    """Row accounting of a round: rows of the extract that came in, count, are set aside and were rejected."""

    key: str
    is_synthetic: bool
    rows_in: int
    responses_n: int
    superseded_n: int
    incomplete_n: int
    test_n: int
    rejected_rows_n: int
    answers_n: int
    rejected_answers_n: int


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
    """What a refresh did: rows, releases and checks; `notes` are what readers had to say of the extracts."""

    is_unchanged: bool
    rounds: tuple[RoundRows, ...]
    releases: tuple[ReleaseState, ...]
    checks: tuple[CheckCount, ...]
    notes: tuple[str, ...]


def refresh(settings: Settings, progress: Progress, *, force: bool = False, wait: bool = False) -> RefreshReport:
    """Run the main job, or say that nothing changed since the last one. With `wait`, another one may end first.

    Raises RefreshError where a stage fails, BusyError where another process holds the lock, CodebookError or
    KnowledgeError where the seeds cannot be used, ExtractError where an address cannot be read whose checksum no
    round.yml names.
    """
    from orchestration.extracts.parts import unnamed_digests
    from orchestration.knowledge.load import load_knowledge

    knowledge = load_knowledge(settings.seeds)
    waves = knowledge.waves_to_release()
    with hold_lock(settings, wait=wait):
        deployed = [settings.disclosure.model_dump_json(), settings.publisher.model_dump_json()]
        elsewhere = [*unnamed_digests(knowledge.rounds, settings), *deployed]
        fingerprint = inputs_fingerprint(settings.seeds, elsewhere)
        if not force and (kept := unchanged_report(settings, fingerprint, waves)):
            return kept
        return _run_stages(settings, progress, fingerprint, [card.key for card in knowledge.rounds], waves)


def rebuild(settings: Settings, progress: Progress, *, wait: bool = False) -> None:
    """Make the warehouse of the landed rounds alone, and put it in place: no extract is read, nothing is released.

    Raises RefreshError where a stage fails, BusyError where another process holds the lock.
    """
    from orchestration.pipeline.jobs import BUILD, SERVE

    with hold_lock(settings, wait=wait):
        definitions = _begin(settings, progress)
        import dagster as dg

        with dg.DagsterInstance.get() as instance:
            close_lost_runs(instance)
            with progress("build the warehouse"):
                _run(definitions, instance, BUILD)
            with progress("put the warehouse in place"):
                _run(definitions, instance, SERVE)


def draft_wave(settings: Settings, wave: str) -> None:
    """Draft a wave from the checked warehouse and judge it at the gate. Raises RefreshError where it does not pass."""
    from orchestration.pipeline.jobs import DRAFT_RELEASE

    with hold_lock(settings, wait=False):
        _run_one(settings, DRAFT_RELEASE, wave)


def publish_wave(settings: Settings, wave: str) -> tuple[str, bool]:
    """Publish the draft of a wave: the name of its release, and whether it is new.

    Raises RefreshError where the draft did not pass the gate, or cannot be published.
    """
    from orchestration.pipeline.jobs import PUBLISH

    with hold_lock(settings, wait=False):
        return _published(_run_one(settings, PUBLISH, wave))


def _run_one(settings: Settings, job: str, partition_key: str) -> dg.ExecuteInProcessResult:
    import dagster as dg

    definitions = _definitions(settings)
    with dg.DagsterInstance.get() as instance:
        return _run(definitions, instance, job, partition_key)


def _begin(settings: Settings, progress: Progress) -> dg.Definitions:
    """What a run of several stages starts with: nothing of the one before it counts, and Dagster and dbt are there."""
    # Until every stage has succeeded there is no last good run to compare with.
    state_record(settings).unlink(missing_ok=True)
    remove_leftovers(settings)
    with progress("start Dagster and dbt"):
        return _definitions(settings)


def _definitions(settings: Settings) -> dg.Definitions:
    """The asset graph, with an instance set up for its runs. Raises RefreshError where dbt cannot parse the project."""
    from orchestration.pipeline.dbt import DbtError
    from orchestration.pipeline.graph import build_definitions

    try:
        definitions = build_definitions(settings)
    except DbtError as error:
        raise RefreshError(str(error)) from error
    ensure_instance(settings.dagster_home)
    return definitions


def inputs_fingerprint(seeds: Path, elsewhere: Sequence[str] = ()) -> str:
    """Checksum over everything that a refresh depends on: seeds, extracts, code and locked packages.

    `elsewhere` are the digests of extracts that lie at addresses.
    """
    files = {path for path in seeds.rglob("*") if path.is_file()}
    files |= {path for pattern in _CODE for path in PROJECT_ROOT.glob(pattern)} | {PROJECT_ROOT / _LOCK}
    digest = hashlib.sha256("\n".join(elsewhere).encode())
    for path in sorted(files):
        base = seeds if path.is_relative_to(seeds) else PROJECT_ROOT
        digest.update(path.relative_to(base).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def unchanged_report(settings: Settings, fingerprint: str, waves: Sequence[str]) -> RefreshReport | None:
    """The last report if its inputs are those of now and its outputs are whole and the newest; else None."""
    from orchestration.landing.landing import LandingError, current_landings
    from orchestration.release.store import ReleaseStore
    from orchestration.warehouse.build import is_readable
    from orchestration.warehouse.build_record import read_landings

    state = recorded(state_record(settings))
    if state.get("fingerprint") != fingerprint:
        return None
    if not (is_readable(settings.served_database) and is_readable(settings.checked_database)):
        return None
    built_from = {
        f"{row['instrument']}.{row['round']}": row["landing_id"] for row in read_landings(settings.checked_database)
    }
    try:
        if built_from != current_landings(settings.landing):
            return None
    except LandingError:
        return None
    store = ReleaseStore(settings.releases)
    newest = [store.latest(wave) for wave in waves]
    if newest != state["releases"] or any(store.damaged(name) for name in newest if name):
        return None
    return _report_of(settings, waves, state["releases"], is_unchanged=True, new_releases=())


def _run_stages(
    settings: Settings, progress: Progress, fingerprint: str, rounds: Sequence[str], waves: Sequence[str]
) -> RefreshReport:
    definitions = _begin(settings, progress)
    import dagster as dg

    from orchestration.pipeline.jobs import BUILD, DRAFT_RELEASE, LAND, PUBLISH, SERVE

    with dg.DagsterInstance.get() as instance:
        close_lost_runs(instance)
        refused = []
        for key in rounds:
            try:
                with progress(f"land {key}"):
                    _run(definitions, instance, LAND, key)
            except RefreshError as error:
                refused.append(str(error))
        if refused:
            raise RefreshError("\n\n".join(refused))
        with progress("build the warehouse"):
            _run(definitions, instance, BUILD)
        for wave in waves:
            with progress(f"draft and judge wave {wave}"):
                _run(definitions, instance, DRAFT_RELEASE, wave)
        published = []
        for wave in waves:
            with progress(f"publish wave {wave}"):
                published.append(_published(_run(definitions, instance, PUBLISH, wave)))
        with progress("put the warehouse in place"):
            _run(definitions, instance, SERVE)
    names = [name for name, _ in published]
    record(state_record(settings), {"fingerprint": fingerprint, "releases": names})
    new = tuple(name for name, is_new in published if is_new)
    return _report_of(settings, waves, names, is_unchanged=False, new_releases=new)


def ensure_instance(dagster_home: Path) -> None:
    """Write the instance's settings where there are none yet, or those that an earlier version wrote.

    All runs write their events into one database: one a run, Dagster's default, takes a second database for each event.
    """
    settings_file = dagster_home / "dagster.yaml"
    if not settings_file.exists() or settings_file.read_text(encoding="utf-8") == _INSTANCE.format(
        **_EARLIER_EVENT_LOG
    ):
        write_whole(settings_file, _INSTANCE.format(**_EVENT_LOG))


def _run(
    definitions: dg.Definitions, instance: dg.DagsterInstance, job: str, partition_key: str | None = None
) -> dg.ExecuteInProcessResult:
    import dagster as dg

    try:
        result = definitions.resolve_job_def(job).execute_in_process(
            partition_key=partition_key,
            instance=instance,
            raise_on_error=False,
            tags=run_tags(),
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    except dg.DagsterExecutionInterruptedError as error:
        raise KeyboardInterrupt from error
    if any(event.is_step_failure and _is_interruption(event.step_failure_data) for event in result.all_events):
        raise KeyboardInterrupt
    if not result.success:
        raise RefreshError(_failure(result))
    return result


def _is_interruption(failure: StepFailureData) -> bool:
    """Dagster ends an interrupted step like any that fails."""
    return failure.error_source is not None and failure.error_source.name == "INTERRUPT"


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """The text of the step that failed: what the asset said, else the error itself."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            error = data.error.cause if data.error and data.error.cause else data.error
            return error.to_string() if error else "failed without a message"
    return "failed without a message"


def _published(result: dg.ExecuteInProcessResult) -> tuple[str, bool]:
    from orchestration.pipeline.assets.release import PUBLISHED

    materialization = next(
        event.materialization for event in result.get_asset_materialization_events() if event.asset_key == PUBLISHED
    )
    metadata = materialization.metadata
    return str(metadata["release"].value), bool(metadata["is_new"].value)


def _report_of(
    settings: Settings,
    waves: Iterable[str],
    releases: Iterable[str],
    *,
    is_unchanged: bool,
    new_releases: tuple[str, ...],
) -> RefreshReport:
    from orchestration.landing.landing import current_notes
    from orchestration.release.store import ReleaseStore
    from orchestration.warehouse.build_record import read_checks, read_landings

    store = ReleaseStore(settings.releases)
    gates = (recorded(gate_record(settings, wave)) for wave in waves)
    return RefreshReport(
        is_unchanged=is_unchanged,
        rounds=tuple(_round_rows(entry) for entry in read_landings(settings.checked_database)),
        releases=tuple(
            ReleaseState(name, store.path_of(name), name in new_releases, bool(store.manifest(name)["synthetic"]))
            for name in releases
        ),
        checks=_check_counts(
            [*read_checks(settings.checked_database), *(check for gate in gates for check in gate.get("checks", []))]
        ),
        notes=current_notes(settings.landing),
    )


def _round_rows(entry: dict[str, Any]) -> RoundRows:
    from orchestration.warehouse.build_record import COUNT_FIELDS

    counts = {name: entry[name] for name in COUNT_FIELDS}
    return RoundRows(key=f"{entry['instrument']}.{entry['round']}", is_synthetic=entry["synthetic"], **counts)


def _check_counts(checks: Iterable[dict[str, Any]]) -> tuple[CheckCount, ...]:
    stages: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for check in checks:
        stages.setdefault((check["stage"], check["tool"]), []).append(check)
    return tuple(
        CheckCount(stage, tool, len(ran), tuple(sorted(check["rule"] for check in ran if not check["passed"])))
        for (stage, tool), ran in stages.items()
    )


def state_record(settings: Settings) -> Path:
    """Where the last good refresh is kept: the fingerprint of its inputs and its releases."""
    return settings.data.resolve() / "state.json"
