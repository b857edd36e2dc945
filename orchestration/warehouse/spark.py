"""The models that grow with answers, built on Spark in place of DuckDB: what it reads and leaves, and its start.

Spark has an environment of its own (`make spark`), for Great Expectations imports pyspark where it finds it. It reads
the landed Parquet where it lies and leaves each model as Parquet, which the build database has as a view
(dbt_project/macros/large_table.sql). Here: this side of it. Not here: what runs there (spark_session.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestration.settings import DBT_PROJECT_DIR, Settings, environment_with
from orchestration.warehouse.build import LANDED_TABLES
from orchestration.warehouse.build_record import built_by

SESSION = Path(__file__).with_name("spark_session.py")
LARGE = "large_table"
_SHOWN_LINES = 30
_LEAST_MEBIBYTES = 512


class SparkError(RuntimeError):
    """Spark is not there or could not build a model; the message says what it said and what to do."""


def models_on_spark(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the models that Spark builds: tables that grow with answers, and what they are made of."""
    nodes = manifest["nodes"]
    found = [
        key
        for key, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] == LARGE
    ]
    for key in found:
        found += [parent for parent in manifest["parent_map"][key] if parent in nodes and parent not in found]
    return tuple(sorted(nodes[key]["name"] for key in found))


def build_on_spark(settings: Settings, manifest: Mapping[str, Any], landed: Iterable[Path], run_id: str) -> Path:
    """Build the models that grow from the landed Parquet and the tables of the build database; returns their folder.

    Raises SparkError where Spark has no environment, or where a model fails.
    """
    if not settings.spark_python.exists():
        raise SparkError(f"NEEDS_ENGINE is spark, but {settings.spark_python} is not there. Run `make spark` once.")
    results = settings.spark_results / run_id
    remove_unused_results(settings)
    sources = _write_sources(settings.build_database, results / "sources")
    for table in LANDED_TABLES:
        sources[f"landing.{table}"] = [str(folder / f"{table}.parquet") for folder in sorted(landed)]
    plan = {
        "project": str(DBT_PROJECT_DIR),
        "target": str(settings.dbt_target / "spark"),
        "results": str(results),
        "remote": settings.spark_remote,
        "memory": f"{_mebibytes(settings.memory_limit)}m",
        "sources": sources,
        "models": models_on_spark(manifest),
    }
    done = subprocess.run(  # noqa: S603
        [str(settings.spark_python), str(SESSION)],
        input=json.dumps(plan),
        cwd=results,
        env=environment_with({"SPARK_LOCAL_DIRS": str(results / "spill")}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-_SHOWN_LINES:])
        raise SparkError(f"Spark could not build the models that grow with answers:\n{said}")
    return results


def _mebibytes(size: str) -> int:
    """A size such as `2GiB` in the whole mebibytes that Java takes; less than Spark starts with is not asked for."""
    number, unit = size.rstrip("Bi ")[:-1], size.rstrip("Bi ")[-1]
    return max(_LEAST_MEBIBYTES, round(float(number) * 1024.0 ** ("KMGT".index(unit) - 1)))


def _write_sources(database: Path, folder: Path) -> dict[str, list[str]]:
    """The tables of knowledge, and those of the landing that are made here, as Parquet files by name."""
    import duckdb

    files = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        for schema, table in tables:
            file = folder / schema / f"{table}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy {schema}.{table} to '{file}' (format parquet)")
            files[f"{schema}.{table}"] = [str(file)]
    return files


def remove_unused_results(settings: Settings) -> None:
    """Remove results that neither the served nor the checked database is a view of."""
    databases = (settings.served_database, settings.checked_database)
    used = {built_by(database) for database in databases if database.exists()}
    for folder in settings.spark_results.glob("*"):
        if folder.name not in used:
            shutil.rmtree(folder)
