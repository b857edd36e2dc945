"""Runs of commands in Dagster's storage, and the end of those whose process was killed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg

_STARTED_BY = "needs/started_by"


def open_instance(dagster_home: Path) -> dg.DagsterInstance:
    """Dagster's storage, for runs in this process.

    What a step prints goes where the command's own words go: to keep it, Dagster would start four processes a step.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    unkept = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(dagster_home), overrides={"compute_logs": unkept}))


def run_tags() -> dict[str, str]:
    """Tags of a run that a command starts in its own process, and that ends with it."""
    return {_STARTED_BY: "command"}


def lost_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs of commands that are told as going on; for whoever holds the lock, so that they are not."""
    import dagster as dg

    going_on = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    return list(instance.get_runs(dg.RunsFilter(statuses=going_on, tags=run_tags())))


def close_lost_runs(instance: dg.DagsterInstance) -> None:
    """Tell the runs of killed commands as failed: else they would count as going on for ever."""
    for run in lost_runs(instance):
        instance.report_run_failed(
            run, "The process of this run ended before it: it was killed, or the machine went down."
        )
