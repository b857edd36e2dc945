"""The whole asset graph, against a reviewed snapshot.

Where a change of the graph is meant: delete asset_graph.json, run this test twice, and review the difference.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.load_target import get_origins_from_toml
from deployments import Deployment

from orchestration import definitions as definitions_module
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.refresh import ensure_instance
from orchestration.pipeline.refresh_job import refresh_job
from orchestration.settings import PROJECT_ROOT, Publisher, Settings

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


def test_every_asset_says_what_it_is_whose_and_where_its_code_is(definitions: dg.Definitions) -> None:
    graph = definitions.get_repository_def().asset_graph
    for key in graph.get_all_asset_keys():
        asset = graph.get(key)
        assert asset.description, key
        assert "Raw SQL" not in asset.description, key
        assert asset.owners == ["team:city-needs"], key
        assert asset.tags["stage"] in {"land", "build", "release", "serve"}, key
        assert asset.kinds, key
        (code, *_) = asset.metadata["dagster/code_references"].code_references
        declared = {".yml", ".csv"} if key.path[0] in ("rounds", "waves") else {".py", ".sql"}
        assert Path(code.file_path).suffix in declared, key
        assert Path(code.file_path).exists(), key


def test_the_owner_is_whom_the_deployment_names(mini: Deployment) -> None:
    settings = mini.settings.model_copy(update={"publisher": Publisher(contact_email="needs@city.example")})
    graph = build_definitions(settings).get_repository_def().asset_graph
    assert {owner for key in graph.get_all_asset_keys() for owner in graph.get(key).owners} == {"needs@city.example"}


def test_dagster_finds_the_graph_from_the_root() -> None:
    (origin,) = get_origins_from_toml(PROJECT_ROOT / "pyproject.toml")
    assert origin.loadable_target_origin.module_name == definitions_module.__name__


def test_dg_checks_the_graph_from_the_root(mini: Deployment) -> None:
    """Its own command, as somebody types it."""
    given = {"NEEDS_SEEDS": mini.seeds, "NEEDS_DATA": mini.data, "NEEDS_RELEASES": mini.releases}
    command = [str(Path(sys.executable).with_name("dg")), "check", "defs"]
    environment = {**os.environ, **{name: str(path) for name, path in given.items()}}
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All definitions loaded successfully" in done.stdout + done.stderr


def test_the_job_refresh_does_what_the_command_does(mini: Deployment) -> None:
    mini.settings.prepare_environment()
    ensure_instance(mini.settings.dagster_home)
    with dg.DagsterInstance.get() as instance:
        done = refresh_job(mini.settings).execute_in_process(instance=instance)
        stages = [run.job_name for run in instance.get_runs()]
    assert done.success
    assert (mini.releases / "2030.0" / "public").is_dir()
    assert mini.settings.served_database.exists()
    assert stages[::-1] == ["refresh", "land", "build", "draft", "publish", "serve"]
    assert mini.refresh().is_unchanged


def test_a_failure_of_the_job_refresh_is_told_in_the_words_of_the_command(mini: Deployment) -> None:
    (mini.seeds / "rounds" / "pulse" / "2030" / "extract.csv").write_bytes(b"")
    mini.settings.prepare_environment()
    with dg.DagsterInstance.ephemeral() as instance:
        done = refresh_job(mini.settings).execute_in_process(instance=instance, raise_on_error=False)
    (failure,) = (event.step_failure_data for event in done.all_events if event.is_step_failure)
    assert failure.user_failure_data is not None
    assert "extract.csv" in failure.user_failure_data.description


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
    assert len(requested) == 8


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
    assert tick(2026) == ["2026"]
    assert tick(2027) == [], "no wave of this year"
