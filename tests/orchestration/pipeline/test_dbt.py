"""dbt in this process: what it tells Dagster, and how its failures read."""

import os
import shutil
from pathlib import Path

import dagster as dg
import pytest
from dbt.cli.main import dbtRunnerResult
from deployments import Deployment

from orchestration.pipeline import dbt
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD
from orchestration.pipeline.refresh import ensure_instance


@pytest.fixture
def build(refreshed: Deployment) -> dg.ExecuteInProcessResult:
    definitions = build_definitions(refreshed.settings)
    ensure_instance(refreshed.settings.dagster_home)
    with dg.DagsterInstance.get() as instance:
        return definitions.resolve_job_def(BUILD).execute_in_process(instance=instance, raise_on_error=False)


def test_every_model_is_materialized_and_every_test_is_a_check(
    build: dg.ExecuteInProcessResult, refreshed: Deployment
) -> None:
    assert build.success
    graph = build_definitions(refreshed.settings).get_repository_def().asset_graph
    layers = {"staging", "intermediate", "dimensions", "facts", "gaps", "main"}
    models = {key for key in graph.get_all_asset_keys() if key.path[0] in layers}
    materialized = {event.asset_key for event in build.get_asset_materialization_events()}
    assert materialized - {dg.AssetKey(["landing", "knowledge"])} == models
    checks = {check for key in models for check in graph.get(key).check_keys}
    evaluated = {evaluation.asset_check_key for evaluation in build.get_asset_check_evaluations()}
    assert evaluated == checks


def test_the_project_is_parsed_anew_by_content_not_by_the_clock(
    refreshed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def parse(command: str, target: Path) -> dbtRunnerResult:
        asked.append(command)
        (target / "manifest.json").write_text(f'{{"parsed": {len(asked)}}}')
        return dbtRunnerResult(success=True)

    monkeypatch.setattr(dbt, "invoke", parse)
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
    assert asked == ["parse", "parse"]
