"""The whole asset graph, against a reviewed snapshot.

Where a change of the graph is meant: delete asset_graph.json, run this test twice, and review the difference.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from deployments import Deployment

from orchestration.pipeline.graph import build_definitions
from orchestration.settings import PROJECT_ROOT, Settings

SNAPSHOT = Path(__file__).with_name("asset_graph.json")


@pytest.fixture(scope="module")
def definitions(bundled: Deployment) -> dg.Definitions:
    return build_definitions(Settings(seeds=PROJECT_ROOT / "seeds", data=bundled.data, releases=bundled.releases))


def graph_of(definitions: dg.Definitions) -> dict[str, Any]:
    repository = definitions.get_repository_def()
    graph = repository.asset_graph
    assets = {
        key.to_user_string(): {
            "group": graph.get(key).group_name,
            "depends_on": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
            "partitions": graph.get(key).partitions_def.get_partition_keys() if graph.get(key).partitions_def else None,
            "checks": sorted(check.name for check in graph.get(key).check_keys),
            "checks_that_only_warn": sorted(
                check.name for check in graph.get(key).check_keys if not graph.get_check_spec(check).blocking
            ),
        }
        for key in graph.get_all_asset_keys()
    }
    return {
        "assets": dict(sorted(assets.items())),
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "schedules": {
            schedule.name: [schedule.cron_schedule, schedule.job_name] for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: sorted(job.name for job in sensor.jobs) for sensor in repository.sensor_defs if sensor.has_jobs
        },
    }


def test_asset_graph_is_the_reviewed_one(definitions: dg.Definitions) -> None:
    graph = graph_of(definitions)
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(json.dumps(graph, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.fail(f"wrote {SNAPSHOT.name}: review it, then run the test again")
    assert graph == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_asset_says_what_it_is(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).description] == []


def test_models_carry_the_column_descriptions_of_dbt(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    schema = graph.get(dg.AssetKey(["gaps", "gap_cube"])).metadata["dagster/column_schema"]
    described = {column.name: column.description for column in schema.columns}
    assert described["base_n"] == "Base: number of cities that the share is of."


def test_nightly_schedule_lands_every_round(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("nightly")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 12, 1, 2, tzinfo=UTC),
        repository_def=definitions.get_repository_def(),
    )
    requested = {request.partition_key for request in schedule.evaluate_tick(context).run_requests or []}
    rounds = (PROJECT_ROOT / "seeds" / "rounds").glob("*/*/round.yml")
    assert requested == {f"{card.parents[1].name}.{card.parent.name}" for card in rounds}
    assert len(requested) == 6


def test_sensor_requests_a_run_once_for_each_change(mini: Deployment) -> None:
    definitions = build_definitions(mini.settings)
    sensor = definitions.resolve_sensor_def("changed_seeds")
    cursor: str | None = None
    instance = dg.DagsterInstance.ephemeral()

    def requested() -> list[tuple[str | None, str | None]]:
        nonlocal cursor
        context = dg.build_sensor_context(instance, cursor=cursor, definitions=definitions)
        result = sensor.evaluate_tick(context)
        cursor = result.cursor
        return [(request.job_name, request.partition_key) for request in result.run_requests or []]

    assert requested() == [("land", "pulse.2030")], "the warehouse waits until every round is landed"
    assert requested() == []
    mini.land()
    assert requested() == [("build", None)]
    assert requested() == []
    codebook = mini.seeds / "rounds" / "pulse" / "2030" / "choices.csv"
    codebook.write_text(codebook.read_text() + "challenge,6,6,6\n")
    assert requested() == [("land", "pulse.2030")]
    (mini.seeds / "table_labels.csv").write_text("wave,table_id,axis,code,label\n2030,T1,row,small,Little\n")
    mini.land()
    assert requested() == [("build", None)]


def test_yearly_schedule_releases_the_open_wave_of_the_year_only(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("yearly")

    def tick(year: int) -> list[str | None]:
        context = dg.build_schedule_context(
            scheduled_execution_time=datetime(year, 12, 1, 6, tzinfo=UTC),
            repository_def=definitions.get_repository_def(),
        )
        return [request.partition_key for request in schedule.evaluate_tick(context).run_requests or []]

    assert tick(2024) == ["2024"]
    assert tick(2025) == ["2025"]
    assert tick(2026) == [], "planned, not open"
