"""Ctrl-C during a refresh: it stops where it is, whichever library was at work, and nothing comes after it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
from deployments import Deployment

from orchestration.deployment.runs import stages
from orchestration.pipeline.dbt import invoke
from orchestration.pipeline.event_log import EventLogStorage
from orchestration.pipeline.interrupts import watch_interrupts
from orchestration.pipeline.refresh import refresh

LAND, BUILD = "land pulse.2030", "build the warehouse"


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """As in a terminal; whoever starts the tests may have interrupts ignored."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    threads = set(threading.enumerate())
    yield
    # The command ends its process; here a model that was being built has to end before other tests begin.
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=60)
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt(*arguments: object, **named: object) -> dict[str, object]:
    signal.raise_signal(signal.SIGINT)
    return {}


def interrupt_at_the_end_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store = EventLogStorage.store_event

    def store_and_interrupt(self: EventLogStorage, event: dg.EventLogEntry) -> None:
        store(self, event)
        if event.dagster_event and event.dagster_event.event_type == dg.DagsterEventType.RUN_SUCCESS:
            interrupt()

    monkeypatch.setattr(EventLogStorage, "store_event", store_and_interrupt)


def interrupt_dbt(monkeypatch: pytest.MonkeyPatch) -> None:
    once = iter([interrupt])
    monkeypatch.setattr("google.protobuf.json_format.MessageToDict", lambda *_, **__: next(once, dict)())


def interrupt_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expectations.door.check_door", interrupt)


@pytest.mark.parametrize(
    ("plant", "last"),
    [(interrupt_at_the_end_of_a_run, LAND), (interrupt_the_door, LAND), (interrupt_dbt, BUILD)],
)
def test_an_interrupt_stops_a_refresh_where_it_is(plant, last: str, mini: Deployment, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    begun = []

    @contextmanager
    def progress(label: str) -> Iterator[None]:
        begun.append(label)
        yield

    plant(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        refresh(mini.settings, progress)
    assert begun[-1] == last
    assert "started" not in {stage.status for stage in stages(mini.settings, 10)}
    assert not mini.settings.served_database.exists()


def test_an_interrupt_is_no_failure_of_dbt(mini: Deployment, tmp_path: Path) -> None:
    mini.settings.prepare_environment()
    with pytest.raises(KeyboardInterrupt):
        invoke("parse", tmp_path, callbacks=[interrupt])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_a_handler_kept_is_seen(number: int) -> None:
    signal.signal(number, lambda *_: None)
    with watch_interrupts() as is_interrupted:
        assert not is_interrupted()
        signal.raise_signal(number)
        assert is_interrupted()


def test_a_run_in_another_thread_is_not_interrupted() -> None:
    seen = []

    def run() -> None:
        with watch_interrupts() as is_interrupted:
            seen.append(is_interrupted())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [False]
