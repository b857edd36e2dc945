"""A failed run or check is told by webhook and e-mail, with its rules, and without a row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from deployments import Deployment
from servers import Received, receive_alerts

from orchestration.pipeline.alerts import Alert, AlertError, BrokenRule, send
from orchestration.pipeline.assets.release import DRAFT, PUBLISHED
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import LAND
from orchestration.settings import Alerts, Settings

EXTRACT = Path("rounds/pulse/2030/extract.csv")
ALERT = Alert(
    "check failed", "draft", "2030", "4711", "http://ui/runs/4711", (BrokenRule("a_rule", "gate", "warn", 3),), ""
)


@pytest.fixture
def received() -> Iterator[Received]:
    with receive_alerts() as found:
        yield found


def test_an_alert_goes_both_ways(received: Received) -> None:
    send(ALERT, received.alerts)
    (posted,) = received.posted
    assert posted["text"].splitlines()[0] == "City needs: check failed: draft 2030"
    assert posted["rules"] == [{"rule": "a_rule", "place": "gate", "severity": "warn", "count": 3}]
    (mailed,) = received.mailed
    assert "Subject: City needs: check failed: draft 2030" in mailed
    assert "To: ops@city.example, mel@city.example" in mailed
    assert "a_rule (gate, warn, 3 found)" in mailed
    assert "http://ui/runs/4711" in mailed


def test_without_an_address_nothing_is_sent(received: Received) -> None:
    send(ALERT, Alerts())
    assert (received.posted, received.mailed) == ([], [])


def test_a_server_that_is_busy_is_asked_again(received: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.pipeline.alerts._PAUSE_SECONDS", 0)
    received.refuse = 2
    send(ALERT, received.alerts)
    assert len(received.posted) == 1


def test_a_way_that_fails_is_told_without_its_secret_and_stops_no_other(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.pipeline.alerts._PAUSE_SECONDS", 0)
    received.refuse = 99
    with pytest.raises(AlertError, match=r"not sent by webhook: OSError: the server answered 503\. It said") as failed:
        send(ALERT, received.alerts)
    assert "secret-path" not in str(failed.value)
    assert "secret-path" not in repr(received.alerts)
    assert len(received.mailed) == 1


def landed(
    deployment: Deployment, received: Received
) -> tuple[Settings, dg.Definitions, dg.ExecuteInProcessResult, Any]:
    """The round landed by a run of an instance of its own, and the settings of alerts."""
    settings = deployment.settings.model_copy(update={"alerts": received.alerts})
    definitions = build_definitions(settings)
    instance = dg.DagsterInstance.ephemeral()
    result = definitions.resolve_job_def(LAND).execute_in_process(
        instance=instance, partition_key="pulse.2030", raise_on_error=False
    )
    return settings, definitions, result, instance


def context_of(sensor: str, result: dg.ExecuteInProcessResult, instance: Any) -> dg.RunStatusSensorContext:
    event = result.get_run_success_event() if result.success else result.get_run_failure_event()
    return dg.build_run_status_sensor_context(
        sensor_name=sensor, dagster_event=event, dagster_instance=instance, dagster_run=result.dagster_run
    )


def test_a_run_that_the_door_stopped_is_told_with_rule_and_count_but_no_row(
    refreshed: Deployment, received: Received
) -> None:
    extract = refreshed.seeds / EXTRACT
    extract.write_text(extract.read_text().replace("900000", "-5"))
    _, definitions, result, instance = landed(refreshed, received)
    assert not result.success
    sensor = definitions.get_sensor_def("failed_runs")
    sensor(context_of("failed_runs", result, instance).for_run_failure())
    (posted,) = received.posted
    assert (posted["what"], posted["job"], posted["of"]) == ("run failed", "land", "pulse.2030")
    assert posted["rules"][0]["rule"] == "numbers_at_least_minimum"
    assert posted["rules"][0]["count"] == 1
    assert posted["link"] == f"http://127.0.0.1:3000/runs/{result.run_id}"
    assert posted["reason"] == "door of pulse.2030: 1 rule(s) failed"
    assert "response_id" not in posted["text"]
    assert len(received.mailed) == 1


def test_a_warning_of_a_run_that_succeeded_is_told_and_no_warning_is_not(
    refreshed: Deployment, received: Received
) -> None:
    _, definitions, result, instance = landed(refreshed, received)
    sensor = definitions.get_sensor_def("failed_checks")
    skipped = sensor(context_of("failed_checks", result, instance))
    assert isinstance(skipped, dg.SkipReason)
    extract = refreshed.seeds / EXTRACT
    extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,perhaps"))
    _, definitions, result, instance = landed(refreshed, received)
    assert result.success
    definitions.get_sensor_def("failed_checks")(context_of("failed_checks", result, instance))
    (posted,) = received.posted
    assert (posted["what"], posted["of"]) == ("check failed", "pulse.2030")
    assert {
        "rule": "no_answer_rejected",
        "severity": "warn",
        "count": 1,
        "place": "door_warnings of landing/extracts",
    } in (posted["rules"])


def test_what_automation_runs_is_named_by_its_stages_and_wave(refreshed: Deployment, received: Received) -> None:
    settings = refreshed.settings.model_copy(update={"alerts": received.alerts})
    definitions = build_definitions(settings)
    with duckdb.connect(str(settings.checked_database)) as connection:
        connection.execute("delete from gaps.gap_report_cell")
    instance = dg.DagsterInstance.ephemeral()
    job = definitions.get_repository_def().get_implicit_job_def_for_assets([DRAFT, PUBLISHED])
    result = job.execute_in_process(
        instance=instance, partition_key="2030", asset_selection=[DRAFT, PUBLISHED], raise_on_error=False
    )
    assert not result.success
    definitions.get_sensor_def("failed_runs")(context_of("failed_runs", result, instance).for_run_failure())
    (posted,) = received.posted
    assert (posted["job"], posted["of"]) == ("release", "2030")
    assert {rule["place"] for rule in posted["rules"]} == {"gate of release/draft"}
    assert "release 2030" in posted["text"].splitlines()[0]
