"""dbt in this process: what it tells Dagster, and how its failures read."""

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dbt.adapters.events.types import SQLQuery
from dbt.cli.main import dbtRunnerResult
from dbt.events.types import ConcurrencyLine
from dbt.parser.manifest import ManifestLoader
from dbt_common.events.base_types import EventLevel
from dbt_common.events.logger import LoggerConfig
from deployments import Deployment

from orchestration.pipeline import dbt
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD
from orchestration.pipeline.refresh import ensure_instance
from orchestration.warehouse.manifest import PARSED, copy_parsed, read_manifest


@pytest.fixture(scope="module")
def build(another_mini: Callable[..., Deployment]) -> dg.ExecuteInProcessResult:
    """A build of the small deployment, which is landed."""
    deployment = another_mini(is_refreshed=True)
    definitions = build_definitions(deployment.settings)
    ensure_instance(deployment.settings.dagster_home)
    with dg.DagsterInstance.get() as instance:
        return definitions.resolve_job_def(BUILD).execute_in_process(instance=instance, raise_on_error=False)


def test_every_model_is_materialized_and_every_test_is_a_check(
    build: dg.ExecuteInProcessResult, refreshed: Deployment
) -> None:
    assert build.success
    graph = build_definitions(refreshed.settings).get_repository_def().asset_graph
    layers = {"staging", "intermediate", "dimensions", "facts", "gaps", "main", "mart"}
    models = {key for key in graph.get_all_asset_keys() if key.path[0] in layers}
    materialized = {event.asset_key for event in build.get_asset_materialization_events()}
    assert materialized - {dg.AssetKey(["landing", "knowledge"])} == models
    checks = {check for key in models for check in graph.get(key).check_keys}
    evaluated = {evaluation.asset_check_key for evaluation in build.get_asset_check_evaluations()}
    assert evaluated == checks


def test_a_build_tells_models_with_their_rows_and_checks_with_what_they_found(
    build: dg.ExecuteInProcessResult,
) -> None:
    """No test is told as an observation of each model that it reads."""
    assert not [event for event in build.all_events if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION]
    rows = {
        event.asset_key: event.materialization.metadata.get("dagster/row_count")
        for event in build.get_asset_materialization_events()
    }
    assert rows[dg.AssetKey(["facts", "fct_response"])] == dg.MetadataValue.int(8)
    found = [check.metadata["dagster_dbt/failed_row_count"] for check in build.get_asset_check_evaluations()]
    assert found
    assert set(found) == {dg.MetadataValue.int(0)}


def test_a_check_says_what_it_is_for(refreshed: Deployment) -> None:
    graph = build_definitions(refreshed.settings).get_repository_def().asset_graph
    cube = dg.AssetCheckKey(dg.AssetKey(["gaps", "gap_cube"]), "cube_accounts_for_every_member")
    assert str(graph.get_check_spec(cube).description).startswith(
        "Over a single-choice item the levels and the missing"
    )


def test_no_model_is_built_alone(refreshed: Deployment) -> None:
    """Asked for one, Dagster's UI selects all: one dbt build makes them."""
    definitions = build_definitions(refreshed.settings)
    graph = definitions.get_repository_def().asset_graph
    models = {key for key in graph.get_all_asset_keys() if "dbt" in graph.get(key).kinds}
    some = dg.AssetKey(["gaps", "gap_cube"])
    together = graph.get(some).execution_set_asset_keys
    assert together == models
    assert "together" not in graph.get(some).description
    job = definitions.get_repository_def().get_implicit_job_def_for_assets(sorted(models))
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(dg.DagsterInvalidSubsetError):
        job.execute_in_process(instance=instance, asset_selection=[some])


def test_the_project_is_parsed_anew_by_content_not_by_the_clock(
    refreshed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def parse(command: str, target: Path) -> dbtRunnerResult:
        asked.append(command)
        (target / "manifest.json").write_text(f'{{"parsed": {len(asked)}}}')
        (target / PARSED).write_text(str(len(asked)))
        return dbtRunnerResult(success=True)

    monkeypatch.setattr(dbt, "invoke", parse)
    monkeypatch.setattr(dbt, "PARSED_DBT_PROJECT", refreshed.data / "none")
    target, project = refreshed.settings.dbt_target, refreshed.data / "project"
    shutil.copytree(dbt.DBT_PROJECT_DIR, project)
    monkeypatch.setattr(dbt, "DBT_PROJECT_DIR", project)
    model = project / "models" / "gaps" / "gap_cube.sql"
    os.utime(model, (2_000_000_000, 2_000_000_000))
    dbt.ensure_manifest(target)
    assert asked == [], "only its date has changed"
    model.write_text(f"{model.read_text()}-- another word\n")
    os.utime(model, (0, 0))
    assert dbt.ensure_manifest(target) == dbt.ensure_manifest(target) == {"parsed": 1}
    (target / "manifest.json").write_text('{"parsed": 7}')
    assert dbt.ensure_manifest(target) == {"parsed": 2}
    (target / PARSED).write_text("7")
    assert dbt.ensure_manifest(target) == {"parsed": 3}
    assert asked == ["parse"] * 3


def test_what_was_parsed_at_set_up_is_taken_over_by_each_deployment_while_the_project_is_the_same(
    refreshed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, at_set_up, other = (refreshed.data / name for name in ("dbt", "at_set_up", "other"))
    copy_parsed(target, at_set_up)
    monkeypatch.setattr(dbt, "PARSED_DBT_PROJECT", at_set_up)
    with pytest.MonkeyPatch.context() as without:
        without.setattr(dbt, "invoke", lambda *_: pytest.fail("parsed anew"))
        assert dbt.ensure_manifest(other) == read_manifest(target)
    (at_set_up / PARSED).write_bytes(b"cut")
    monkeypatch.setattr(dbt, "invoke", lambda *_: dbtRunnerResult(success=False))
    with pytest.raises(dbt.DbtError):
        dbt.ensure_manifest(refreshed.data / "third")


def test_a_build_parses_nothing(refreshed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the deployment was copied to: dbt would parse all anew where its database has another path."""
    moved = Deployment(refreshed.seeds, refreshed.data.with_name("moved"), refreshed.releases)
    shutil.copytree(refreshed.data, moved.data)
    monkeypatch.setattr(ManifestLoader, "get_full_manifest", lambda *_, **__: pytest.fail("parsed"))
    moved.refresh(force=True)


def test_an_event_is_heard_unless_it_is_of_debugging_and_nobody_logs() -> None:
    heard: list[str] = []
    manager = dbt._make_event_manager()
    manager.callbacks.append(lambda message: heard.append(message.info.name))
    debugging, telling = SQLQuery(conn_name="c", sql="select 1", node_info={}), ConcurrencyLine(num_threads=1)
    for event in (debugging, telling):
        manager.fire_event(event)
    assert heard == ["ConcurrencyLine"]
    manager.fire_event(debugging, level=EventLevel.WARN)
    assert heard == ["ConcurrencyLine", "SQLQuery"]
    manager.add_logger(LoggerConfig(name="log", level=EventLevel.DEBUG, output_stream=io.StringIO()))
    manager.fire_event(debugging)
    assert heard == ["ConcurrencyLine", "SQLQuery", "SQLQuery"]
