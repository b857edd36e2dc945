"""What a process that was killed leaves behind: files that it wrote aside, and runs that nobody ends.

Whoever has the turn may remove them: nobody else writes then. Not here: what is whole (doctor.py, landing.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# Files and folders that are written aside, and renamed when they are whole.
_ASIDE = {
    "landing": (".landing-*", ".current-*"),
    "warehouse": (".*.partial", "build.duckdb", "build.duckdb.wal"),
    "checks": ("*.partial",),
}
_STARTED_BY = "needs/started_by"


def leftovers(settings: Settings) -> list[Path]:
    """Files and folders of a deployment that were never finished, sorted."""
    data = settings.data.resolve()
    return sorted(
        path for part, patterns in _ASIDE.items() for pattern in patterns for path in (data / part).rglob(pattern)
    )


def remove_leftovers(settings: Settings) -> None:
    """Remove what was never finished; for whoever has the turn."""
    for path in leftovers(settings):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def run_tags() -> dict[str, str]:
    """Tags of a run that a command starts in its own process, and that ends with it."""
    return {_STARTED_BY: "command"}


def lost_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs of commands that are told as going on; for whoever has the turn, so that they are not."""
    import dagster as dg

    going_on = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    return list(instance.get_runs(dg.RunsFilter(statuses=going_on, tags=run_tags())))


def close_lost_runs(instance: dg.DagsterInstance) -> None:
    """Tell the runs of killed commands as failed: else they would count as going on for ever."""
    for run in lost_runs(instance):
        instance.report_run_failed(
            run, "The process of this run ended before it: it was killed, or the machine went down."
        )
