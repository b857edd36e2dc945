"""Dagster's runs, events, schedules and sensors in a real PostgreSQL."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs
from deployments import Deployment
from postgres import IN_ADDRESS, PASSWORD, find_programs, postgres
from pydantic import SecretStr
from servers import receive_alerts
from soak import environment

from orchestration.pipeline import workers
from orchestration.pipeline.jobs import BUILD, LAND, RELEASE, SERVE
from orchestration.pipeline.postgres import PostgresStorage
from orchestration.pipeline.refresh import ensure_instance
from orchestration.pipeline.runs import StorageError, open_instance
from orchestration.settings import Settings, UnusableSettingsError, load_settings

pytestmark = pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed")
ROUND = "pulse.2030"
LOG = logging.getLogger("daemon")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def stored(mini: Deployment, server: str, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The small deployment, whose Dagster is told of the server by the environment."""
    for name, value in {"SEEDS": mini.seeds, "DATA": mini.data, "RELEASES": mini.releases}.items():
        monkeypatch.setenv(f"NEEDS_{name}", str(value))
    monkeypatch.setenv("NEEDS_DAGSTER_STORAGE", server)
    monkeypatch.setenv("DAGSTER_HOME", str(mini.settings.dagster_home))
    mini.settings.prepare_environment()
    ensure_instance(mini.settings.dagster_home, is_postgres=True)
    with open_instance(mini.settings.dagster_home) as instance:
        instance.wipe()
    return mini


@pytest.fixture
def instance(stored: Deployment) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as found:
        yield found


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_an_address_may_be_spelled_as_other_tools_spell_it(server: str, scheme: str) -> None:
    spelled = f"{scheme}://{server.partition('://')[2]}"
    assert Settings(dagster_storage=SecretStr(spelled)).dagster_storage is not None
    storage = PostgresStorage.from_config_value(None, {"postgres_url": spelled})
    assert storage.run_storage.get_runs_count() >= 0
    for part in (storage.run_storage, storage.event_log_storage):
        part.dispose()


def runs_of(instance: dg.DagsterInstance, job: str) -> list[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(job_name=job))


def test_a_refresh_keeps_its_runs_there_and_no_password_anywhere(stored: Deployment, server: str) -> None:
    done = stored.needs("refresh", NEEDS_DAGSTER_STORAGE=server)
    assert done.returncode == 0, done.stdout + done.stderr
    with open_instance(stored.settings.dagster_home) as instance:
        runs = [run for job in (LAND, BUILD, RELEASE, SERVE) for run in runs_of(instance, job)]
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert {run.job_name for run in runs} >= {LAND, BUILD, SERVE}
        served = instance.get_latest_materialization_event(dg.AssetKey(["gaps", "gap_cube"]))
        assert served is not None
    assert list(stored.settings.dagster_home.rglob("*.db")) == []
    secrets = (PASSWORD.encode(), IN_ADDRESS.encode())
    files = [path for path in stored.data.rglob("*") if path.is_file()]
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []
    again = stored.needs("refresh", NEEDS_DAGSTER_STORAGE=server)
    assert "Nothing changed since the last refresh" in again.stdout


def test_nightly_schedule_sensor_and_alert_go_by_it(
    stored: Deployment, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receive_alerts() as received:
        assert received.alerts.webhook is not None
        monkeypatch.setenv("NEEDS_ALERTS__WEBHOOK", received.alerts.webhook.get_secret_value())
        target = ModuleTarget("orchestration.definitions", None, None, "needs")
        with WorkspaceProcessContext(instance, target) as workspace:
            location = next(iter(workspace.create_request_context().code_locations))
            repository = next(iter(location.get_repositories().values()))
            instance.start_schedule(repository.get_schedule("nightly"))
            night = datetime.now(UTC) + timedelta(days=1)
            assert list(filter(None, launch_scheduled_runs(workspace, LOG, night, {}))) == []
            assert [run.tags["dagster/partition"] for run in runs_of(instance, LAND)] == [ROUND]

            for name in ("changed_seeds", "failed_runs"):
                instance.start_sensor(repository.get_sensor(name))
            assert list(filter(None, execute_sensor_iteration(workspace, LOG, None, None))) == []
            landings = runs_of(instance, LAND)
            assert {run.tags.get("dagster/sensor_name") for run in landings} == {None, "changed_seeds"}

            (nightly,) = [run for run in landings if "dagster/schedule_name" in run.tags]
            instance.report_run_failed(nightly, "the disk is full")
            sensor = repository.get_sensor("failed_runs")
            state = instance.get_instigator_state(sensor.get_remote_origin_id(), sensor.selector_id)
            assert state is not None
            monkeypatch.setattr("dagster._daemon.sensor.get_current_timestamp", lambda: night.timestamp())
            monkeypatch.setattr("dagster._daemon.sensor.get_current_datetime", lambda: night)
            assert list(filter(None, execute_sensor_iteration(workspace, LOG, None, None))) == []
            assert [(one["what"], one["job"], one["of"]) for one in received.posted] == [("run failed", "land", ROUND)]


def test_a_lost_run_is_told_as_failed(
    stored: Deployment, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_workers import WORKER, _started, idle, look, status_of

    monkeypatch.setattr(workers, "GRACE_SECONDS", -1)
    run = instance.create_run_for_job(idle)
    instance.handle_new_event(_started(run))
    home = str(stored.settings.dagster_home)
    command = [sys.executable, "-c", WORKER, home, run.run_id]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "runs\n"
        look(instance)
        assert status_of(instance, run) == dg.DagsterRunStatus.STARTED
        worker.kill()
    look(instance)
    assert status_of(instance, run) == dg.DagsterRunStatus.FAILURE


def test_the_gate_comes_before_what_is_served(stored: Deployment, instance: dg.DagsterInstance) -> None:
    from test_automation import SERVED, WAVE, Daemon

    daemon = Daemon(stored)
    daemon.instance = instance
    assert daemon.run(LAND, ROUND)
    assert daemon.run(BUILD)
    assert SERVED not in daemon.tick()
    assert daemon.run(SERVE) is False, "no gate has seen the warehouse"
    assert daemon.run(RELEASE, WAVE)
    assert daemon.run(SERVE)


def test_a_server_that_is_not_there_is_one_message_without_its_password(mini: Deployment) -> None:
    address = f"postgresql://needs:{IN_ADDRESS}@127.0.0.1:9/needs"
    done = mini.needs("refresh", NEEDS_DAGSTER_STORAGE=address)
    told = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode == 1
    assert "postgresql://needs:***@127.0.0.1:9/needs cannot be used" in told
    assert "start that server, or correct NEEDS_DAGSTER_STORAGE" in told
    assert IN_ADDRESS not in told and PASSWORD not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("address", ["mysql://needs:word@host/needs", "host:5432/needs", "postgresql://host"])
def test_another_address_is_refused_and_not_shown(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_DAGSTER_STORAGE", address)
    with pytest.raises(UnusableSettingsError, match=r"NEEDS_DAGSTER_STORAGE: .*postgresql://user:password@") as refused:
        load_settings()
    assert address not in str(refused.value)


def test_a_deployment_goes_back_to_sqlite(stored: Deployment) -> None:
    ensure_instance(stored.settings.dagster_home)
    with open_instance(stored.settings.dagster_home) as instance:
        assert instance.get_runs() == []
    assert list(stored.settings.dagster_home.rglob("*.db")) != []


def test_storage_errors_of_a_server_are_known_by_name() -> None:
    from dagster_postgres.utils import DagsterPostgresException
    from sqlalchemy.exc import InterfaceError, OperationalError

    from orchestration.pipeline.runs import _UNANSWERED

    assert {OperationalError.__name__, InterfaceError.__name__, DagsterPostgresException.__name__} == set(_UNANSWERED)
    assert issubclass(StorageError, RuntimeError)
