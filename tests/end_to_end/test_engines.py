"""Spark and DuckDB build the same tables and publish the same bytes."""

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from compare_engines import compare, compare_tables, refresh
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def by_spark(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    if shutil.which("java") is None:
        pytest.skip("Spark runs on Java 17, and there is no java on the path")
    subprocess.run(["make", "--no-print-directory", ".tools/spark/stamp"], cwd=PROJECT_ROOT, check=True)
    folder = tmp_path_factory.mktemp("engines")
    # What is landed and how dbt reads the project is before any engine.
    for part in ("landing", "dbt"):
        shutil.copytree(bundled.data / part, folder / "spark" / "data" / part)
    return refresh(folder, bundled.seeds, "spark")


def test_every_row_of_every_table_and_every_published_byte_is_the_same(
    bundled: Deployment, by_spark: Deployment
) -> None:
    tables_n, files_n, differences = compare(bundled, by_spark)
    assert differences == []
    # All tables of the bundled waves, and the releases of three.
    assert tables_n > 100
    assert files_n > 500


def test_a_row_that_differs_is_told(refreshed: Deployment, tmp_path: Path) -> None:
    other = Deployment(refreshed.seeds, tmp_path / "data", tmp_path / "releases")
    shutil.copytree(refreshed.data, other.data)
    assert compare_tables(refreshed, other)[1] == []
    other.settings.served_database.chmod(0o640)
    with duckdb.connect(str(other.settings.served_database)) as connection:
        connection.execute("update intermediate.int_cube_counts set n = n + 1 where dimension_code = 'all'")
    assert any("int_cube_counts" in line for line in compare_tables(refreshed, other)[1])
