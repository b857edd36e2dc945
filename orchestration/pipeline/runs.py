"""Runs of commands in Dagster's storage, and the end of those whose process was killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.deployment.storage import SETTINGS_OF_DAGSTER, databases, set_aside
from orchestration.deployment.workers import forget_worker, lost_workers
from orchestration.settings import dagster_storage_address

if TYPE_CHECKING:
    import dagster as dg

_STARTED_BY = "needs/started_by"
# The checksum of the seeds that a command has read already; other runs read them themselves.
SEEDS_TAG = "needs/seeds"
# Of runs that nobody asked for but the daemon.
_AUTOMATIC = ("dagster/from_automation_condition", "dagster/sensor_name", "dagster/schedule_name")


class StorageError(RuntimeError):
    """Dagster's storage cannot be read; the message says which file and what to do."""


# What Dagster ends in where a row of its storage is not what it wrote, though the file can be read.
_UNREADABLE = ("DeserializationError", "DatabaseError")
# And where a server does not answer, or refuses who asks.
_UNANSWERED = ("OperationalError", "InterfaceError", "DagsterPostgresException")


@contextmanager
def open_instance(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's storage, for runs in this process. Raises StorageError where it cannot be read; it is set aside then.

    What a step prints goes where the command's own words go: to keep it, Dagster would start four processes a step.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    unkept = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    try:
        ref = InstanceRef.from_dir(str(dagster_home), overrides={"compute_logs": unkept})
        instance = dg.DagsterInstance.from_ref(ref)
    except Exception as error:
        _raise_if_unanswered(error)
        if not isinstance(error, (dg.DagsterError, ImportError)):
            raise
        settings = dagster_home / SETTINGS_OF_DAGSTER
        raise StorageError(
            f"{settings} says nothing that Dagster takes: {str(error).splitlines()[0]}. "
            "To do: correct it, or remove it and it is written anew; then run this again."
        ) from error
    try:
        with instance:
            yield instance
    except Exception as error:
        _raise_if_unanswered(error)
        if not is_unreadable(type(error).__name__):
            raise
        aside = ", ".join(str(set_aside(path)) for path in databases(dagster_home))
        raise StorageError(
            f"a row of Dagster's storage in {dagster_home} could not be read, so that it is begun anew: the old one is "
            f"{aside}. Nothing else is lost. To do: run this again."
        ) from error


def _raise_if_unanswered(error: Exception) -> None:
    """Raise StorageError, with the address but no password, where an error tells of a server that keeps the storage."""
    address = dagster_storage_address()
    if address and type(error).__name__ in _UNANSWERED:
        from orchestration.pipeline.postgres import describe_address

        cause = str(error.__cause__ or error).strip().splitlines()[0]
        raise StorageError(
            f"Dagster's storage at {describe_address(address)} cannot be used: {cause}. To do: start that server, or "
            "correct NEEDS_DAGSTER_STORAGE; then run this again. Nothing was changed."
        ) from error


def is_unreadable(name: str | None) -> bool:
    """Whether an error of this name tells of a row in Dagster's storage that is not what it wrote."""
    return name in _UNREADABLE


def run_tags() -> dict[str, str]:
    """Tags of a run that a command starts in its own process, and that ends with it."""
    return {_STARTED_BY: "command"}


def is_automatic(run: dg.DagsterRun) -> bool:
    """Whether the daemon started a run by itself."""
    return any(tag in run.tags for tag in _AUTOMATIC)


def lost_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs that are told as going on without a process: of commands, and of the daemon whose worker was killed.

    For whoever holds the lock of the deployment, so that no command's run goes on.
    """
    import dagster as dg

    going_on = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    killed = lost_workers(Path(instance.root_directory))
    of_commands = instance.get_runs(dg.RunsFilter(statuses=going_on, tags=run_tags()))
    of_workers = instance.get_runs(dg.RunsFilter(statuses=going_on, run_ids=killed)) if killed else []
    return [*of_commands, *of_workers]


def close_lost_runs(instance: dg.DagsterInstance) -> None:
    """Tell the runs of killed processes as failed: else they would count as going on for ever."""
    for run in lost_runs(instance):
        instance.report_run_failed(
            run, "The process of this run ended before it: it was killed, or the machine went down."
        )
    home = Path(instance.root_directory)
    for run_id in lost_workers(home):
        forget_worker(home, run_id)
