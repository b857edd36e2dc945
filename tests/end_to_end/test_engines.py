"""Spark and DuckDB build the same tables; `make compare-engines` compares what is published of them as well."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from compare_engines import compare_tables
from deployments import Deployment

from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD
from orchestration.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def by_spark(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    if shutil.which("java") is None:
        pytest.skip("Spark runs on Java 17, and there is no java on the path")
    subprocess.run(["make", "--no-print-directory", ".tools/spark/stamp"], cwd=PROJECT_ROOT, check=True)
    folder = tmp_path_factory.mktemp("engines")
    deployed = replace(bundled, data=folder / "data", releases=folder / "releases")
    # What is landed and how dbt reads the project is before any engine, and drafts are made of the tables alone.
    for part in ("landing", "dbt"):
        shutil.copytree(bundled.data / part, deployed.data / part)
    definitions = build_definitions(deployed.settings.model_copy(update={"engine": "spark"}))
    with dg.DagsterInstance.ephemeral() as instance:
        definitions.resolve_job_def(BUILD).execute_in_process(instance=instance)
    return deployed


def test_every_row_of_every_table_is_the_same(bundled: Deployment, by_spark: Deployment) -> None:
    tables_n, differences = compare_tables(bundled, by_spark)
    assert differences == []
    assert tables_n > 100


def test_a_row_that_differs_is_told(refreshed: Deployment, tmp_path: Path) -> None:
    other = Deployment(refreshed.seeds, tmp_path / "data", tmp_path / "releases")
    shutil.copytree(refreshed.data, other.data)
    assert compare_tables(refreshed, other)[1] == []
    other.settings.checked_database.chmod(0o640)
    with duckdb.connect(str(other.settings.checked_database)) as connection:
        connection.execute("update intermediate.int_cube_counts set n = n + 1 where dimension_code = 'all'")
    assert any("int_cube_counts" in line for line in compare_tables(refreshed, other)[1])
