"""dbt in this process: what it tells Dagster, and how its failures read."""

import dagster as dg
import pytest
from deployments import Deployment

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
