"""A respondent is forgotten: landed, built and served without him, then removed from all that earlier runs left.

Here: the order. Not here: each step (deployment/forget.py, refresh.py, retention.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from orchestration.deployment.addresses import tell_address
from orchestration.deployment.forget import (
    Traces,
    decide_to_forget,
    releases_with,
    remove_damaged,
    remove_remembered,
)
from orchestration.deployment.lock import hold_lock
from orchestration.deployment.runs import drop_superseded_checks
from orchestration.landing.landing import remove_landing
from orchestration.pipeline.jobs import LAND
from orchestration.pipeline.refresh import Progress, rebuild
from orchestration.pipeline.retention import finished_runs, remove_runs
from orchestration.pipeline.runs import open_instance
from orchestration.settings import Settings
from orchestration.warehouse.spark import remove_unused_results


def forget(
    settings: Settings, progress: Progress, traces: Iterable[Traces], reason: str, day: date, *, wait: bool = False
) -> tuple[str, ...]:
    """Forget a respondent who was found; returns notes. Releases stay; a note names each file that tells of his city.

    What was decided stays where a later step fails: the next call, or a refresh, goes on. Raises as `rebuild` does.
    """
    found = tuple(traces)
    keys = {one.key for one in found}
    with tell_address(settings), hold_lock(settings, wait=wait):
        began = datetime.now(UTC)
        told = releases_with(settings, found)
        decide_to_forget(settings, found, reason, day)
        notes = rebuild(settings, progress, again=keys)
        with progress("remove what earlier runs left of it"):
            remove_unused_results(settings)
            remove_damaged(settings)
            drop_superseded_checks(settings)
            with open_instance(settings.dagster_home) as instance:
                earlier = [one.dagster_run for one in finished_runs(instance) if one.create_timestamp < began]
                telling = [run for run in earlier if run.job_name != LAND or run.tags.get("dagster/partition") in keys]
                remove_runs(settings, instance, [run.run_id for run in telling])
            # Last: by them he is found again where this is killed. Of a round that is no more, none is landed again.
            for landing in (landing for one in found for landing in one.landings if landing.exists()):
                remove_landing(landing)
            remove_remembered(settings)
    remedy = "is immutable and for the house alone: take that revision down (docs/runbooks/forget-a-respondent.md)"
    return (*notes, *(f"{file} tells of his city; it {remedy}" for file in told))
