"""A run whose process was killed is told as failed, and lets the next one go on."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from soak import environment

from orchestration.deployment.workers import is_worker_there, lost_workers
from orchestration.pipeline import workers
from orchestration.pipeline.refresh import ensure_instance
from orchestration.pipeline.runs import close_lost_runs
from orchestration.pipeline.workers import worker_executor

# A worker as the daemon starts it: it says that it runs, and waits.
WORKER = """
import sys, time
from pathlib import Path
from orchestration.deployment.workers import hold_worker_lock
with hold_worker_lock(Path(sys.argv[1]), sys.argv[2]):
    print("runs", flush=True)
    time.sleep(600)
"""


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job(executor_def=worker_executor)
def idle() -> None:
    """A job of one step."""
    nothing()


@dg.op
def look_at_itself(context: dg.OpExecutionContext) -> None:
    """Says whether the lock of its own run is held, and fails."""
    home = Path(context.instance.root_directory)
    (home / "seen").write_text(str(is_worker_there(home, context.run_id)))
    raise ValueError("stopped")


@dg.job(executor_def=worker_executor)
def looking() -> None:
    """A job that fails."""
    look_at_itself()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    # What a run has to be old to be looked at for.
    monkeypatch.setattr(workers, "GRACE_SECONDS", -1)
    ensure_instance(tmp_path)
    with dg.DagsterInstance.get() as found:
        yield found


@pytest.fixture
def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that is told as going on."""
    created = instance.create_run_for_job(idle)
    instance.handle_new_event(_started(created))
    found = instance.get_run_by_id(created.run_id)
    assert found is not None and found.status == dg.DagsterRunStatus.STARTED
    return found


def _started(run: dg.DagsterRun) -> dg.EventLogEntry:
    event = dg.DagsterEvent(event_type_value=dg.DagsterEventType.RUN_START.value, job_name=run.job_name)
    return dg.EventLogEntry(
        error_info=None,
        level=logging.INFO,
        user_message="",
        run_id=run.run_id,
        timestamp=time.time(),
        job_name=run.job_name,
        dagster_event=event,
    )


def look(instance: dg.DagsterInstance) -> None:
    """What the daemon does each minute."""
    with WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as context:
        assert list(filter(None, execute_run_monitoring_iteration(context, logging.getLogger("monitoring")))) == []


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def test_the_daemon_tells_a_run_as_failed_once_its_process_was_killed(
    instance: dg.DagsterInstance, run: dg.DagsterRun, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path), run.run_id]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "runs\n"
        look(instance)
        assert status_of(instance, run) == dg.DagsterRunStatus.STARTED
        worker.kill()
    assert lost_workers(tmp_path) == [run.run_id]
    for _ in range(2):
        look(instance)
    assert status_of(instance, run) == dg.DagsterRunStatus.FAILURE
    told = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert ["killed" in entry.message for entry in told] == [True], "it is told once"
    assert lost_workers(tmp_path) == [], "the doctor has nothing more to say of it"


def test_a_refresh_tells_it_as_failed_where_no_daemon_does(
    instance: dg.DagsterInstance, run: dg.DagsterRun, tmp_path: Path
) -> None:
    lock = tmp_path / "workers" / f"{run.run_id}.lock"
    lock.parent.mkdir()
    lock.touch()
    close_lost_runs(instance)
    assert status_of(instance, run) == dg.DagsterRunStatus.FAILURE
    assert lost_workers(tmp_path) == []


def test_a_new_run_has_time_to_take_its_lock(
    instance: dg.DagsterInstance, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "GRACE_SECONDS", 60)
    look(instance)
    assert status_of(instance, run) == dg.DagsterRunStatus.STARTED


def test_a_run_holds_its_lock_while_it_works_and_lets_go_where_it_fails(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    result = dg.execute_job(dg.reconstructable(looking), instance, raise_on_error=False)
    assert not result.success
    assert (tmp_path / "seen").read_text() == "True"
    assert list((tmp_path / "workers").iterdir()) == []
