"""Worker processes of runs: each holds a lock of its run, so that one that was killed is known for what it is.

Dagster asks its launcher whether the worker of a run that goes on is still there (run monitoring); the default one
cannot tell, and after a pulled plug its run would keep all others waiting for ever. The lock is the kernel's and ends
with the process, however that ends. Not here: the lock of the deployment (deployment/lock.py), runs of commands
(runs.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from orchestration.deployment.workers import forget_worker, hold_worker_lock, is_worker_there

# From the start of a run until its worker holds its lock, with much to spare.
GRACE_SECONDS = 60


class RunLauncher(DefaultRunLauncher):
    """Launches runs as Dagster's default does, and can tell whether the worker of one is still there."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """It can."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether a run that is told as going on has a process."""
        if not is_lost(self._instance, run):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        # Told now: the doctor would go on to call it one that nobody knows of.
        forget_worker(Path(self._instance.root_directory), run.run_id)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process was killed, or the machine went down")


def is_lost(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run that is told as going on has no process any more."""
    record = instance.get_run_record_by_id(run.run_id)
    is_new = record is None or record.start_time is None or time.time() - record.start_time < GRACE_SECONDS
    return not is_new and not is_worker_there(Path(instance.root_directory), run.run_id)


class _Executor(InProcessExecutor):
    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[Any]:
        home = Path(plan_context.instance.root_directory)
        with hold_worker_lock(home, plan_context.dagster_run.run_id):
            yield from super().execute(plan_context, execution_plan)


@dg.executor(name="in_process")
def worker_executor(_context: dg.InitExecutorContext) -> InProcessExecutor:
    """Runs all steps in the process of the run, which holds the lock of the run meanwhile."""
    return _Executor(RetryMode.ENABLED)
