"""Which models Spark builds, and what is said where it is not there."""

from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.settings import Settings
from orchestration.warehouse.manifest import read_manifest
from orchestration.warehouse.spark import SparkError, _mebibytes, build_on_spark, models_on_spark


def test_spark_builds_what_grows_and_all_that_it_is_made_of(refreshed: Deployment) -> None:
    manifest = read_manifest(refreshed.settings.dbt_target)
    found = models_on_spark(manifest)
    nodes = {node["name"]: key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    assert {"stg_answers", "int_cube_counts", "fct_need_score"} < set(found)
    parents = {parent for name in found for parent in manifest["parent_map"][nodes[name]]}
    assert {nodes[name] for name in found} >= {parent for parent in parents if parent.startswith("model.")}


def test_spark_builds_no_query_no_contract_and_no_python(refreshed: Deployment) -> None:
    manifest = read_manifest(refreshed.settings.dbt_target)
    found = models_on_spark(manifest)
    nodes = [node for node in manifest["nodes"].values() if node["name"] in found]
    assert {node["language"] for node in nodes} == {"sql"}
    assert {node["config"]["materialized"] for node in nodes} == {"table", "large_table"}
    assert not any(node["config"]["contract"]["enforced"] for node in nodes)


def test_without_an_environment_of_spark_the_command_that_makes_it_is_named(
    refreshed: Deployment, tmp_path: Path
) -> None:
    settings = Settings(seeds=refreshed.seeds, data=refreshed.data, engine="spark", spark_python=tmp_path / "python")
    with pytest.raises(SparkError, match="make spark"):
        build_on_spark(settings, read_manifest(settings.dbt_target), [], "a run")


def test_what_a_session_says_before_it_fails_is_told(refreshed: Deployment, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'JAVA_HOME is not set'\nexit 1\n")
    python.chmod(0o755)
    settings = Settings(seeds=refreshed.seeds, data=tmp_path / "data", engine="spark", spark_python=python)
    settings.build_database.parent.mkdir(parents=True)
    settings.build_database.write_bytes(refreshed.settings.served_database.read_bytes())
    with pytest.raises(SparkError, match="JAVA_HOME is not set"):
        build_on_spark(settings, read_manifest(refreshed.settings.dbt_target), [], "a run")


@pytest.mark.parametrize(
    ("size", "mebibytes"),
    [("2GiB", 2048), ("1.5 GiB", 1536), ("900MB", 900), ("1TB", 1024 * 1024), ("64MiB", 512), ("1000KiB", 512)],
)
def test_sizes_are_said_in_whole_mebibytes(size: str, mebibytes: int) -> None:
    assert Settings(memory_limit=size).memory_limit == size
    assert _mebibytes(size) == mebibytes
