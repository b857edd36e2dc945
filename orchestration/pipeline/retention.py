"""How much Dagster remembers: runs that nothing hangs on any more are removed with their events.

Here: runs, their events and checks. Not here: files of a deployment (deployment/cleanup.py), its run table (runs.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.deployment.cleanup import (
    Superfluous,
    find_superfluous,
    remove_orphaned_files,
    remove_superfluous,
)
from orchestration.deployment.lock import hold_lock
from orchestration.deployment.runs import drop_old_stages
from orchestration.deployment.storage import SETTINGS_OF_DAGSTER, compact, databases
from orchestration.pipeline.runs import open_instance
from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

_AT_ONCE = 500
# What the UI and the automation know of a partition is in its newest run.
_PARTITION = "dagster/partition"


@dataclass(frozen=True)
class CleanUp:
    """What was removed, or would be: files with their bytes, runs of Dagster, stages of the run table."""

    files: tuple[tuple[Superfluous, int], ...]
    runs_n: int
    stages_n: int


def clean_up(settings: Settings, *, is_dry: bool, wait: bool = False) -> CleanUp:
    """Remove what a deployment keeps beyond what its settings say, or only tell. Raises BusyError."""
    with hold_lock(settings, wait=wait):
        found = find_superfluous(settings)
        told = tuple((one, one.size) for one in found)
        runs_n = stages_n = 0
        if (settings.dagster_home / SETTINGS_OF_DAGSTER).exists():
            settings.prepare_environment()
            with open_instance(settings.dagster_home) as instance:
                runs_n = len(superfluous_runs(settings, instance)) if is_dry else forget_old_runs(settings, instance)
        stages_n = drop_old_stages(settings, is_dry=is_dry)
        if not is_dry:
            remove_orphaned_files(settings)
            for one in found:
                remove_superfluous(one)
        return CleanUp(told, runs_n, stages_n)


def finished_runs(instance: dg.DagsterInstance) -> Sequence[dg.RunRecord]:
    """Runs that have ended, the newest first."""
    from dagster._core.storage.dagster_run import FINISHED_STATUSES, RunsFilter

    return instance.get_run_records(RunsFilter(statuses=FINISHED_STATUSES))


def remove_runs(settings: Settings, instance: dg.DagsterInstance, run_ids: Collection[str]) -> None:
    """Remove runs with their events and what their checks found."""
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

    removed = list(run_ids)
    for run_id in removed:
        instance.delete_run(run_id)
        shutil.rmtree(settings.dagster_home / "storage" / run_id, ignore_errors=True)
    # Dagster leaves what checks found, with their metadata.
    column = AssetCheckExecutionsTable.c.run_id
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        for begin in range(0, len(removed), _AT_ONCE):
            some = removed[begin : begin + _AT_ONCE]
            connection.execute(AssetCheckExecutionsTable.delete().where(column.in_(some)))
    if removed:
        for database in databases(settings.dagster_home):
            compact(database)


def superfluous_runs(settings: Settings, instance: dg.DagsterInstance) -> set[str]:
    """Runs beyond those that are kept: older ones that no asset and no partition is known by."""
    runs = [record.dagster_run for record in finished_runs(instance)]
    beyond = {run.run_id for run in runs[settings.keep.runs :]}
    if not beyond:
        return set()
    newest: dict[tuple[str, str | None], str] = {}
    for run in runs:
        if run.is_success:
            newest.setdefault((run.job_name, run.tags.get(_PARTITION)), run.run_id)
    made = {
        entry.last_materialization_record.run_id
        for record in instance.get_asset_records()
        if (entry := record.asset_entry).last_materialization_record
    }
    return beyond - made - set(newest.values())


def forget_old_runs(settings: Settings, instance: dg.DagsterInstance) -> int:
    """Remove the runs beyond those that are kept; how many these were."""
    beyond = superfluous_runs(settings, instance)
    if beyond:
        remove_runs(settings, instance, beyond)
    return len(beyond)
