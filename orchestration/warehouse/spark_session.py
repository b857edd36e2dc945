"""What runs in Spark's environment: a session, its sources as views over Parquet, and dbt over the models it is told.

Started by spark.py with a plan as JSON on standard input; nothing of this project can be imported here. What dbt says
goes to standard output, and the exit status is 1 where a model failed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def open_session(plan: dict[str, Any]) -> Any:
    """The one session of this process, which dbt's adapter finds again: its results lie in the plan's folder."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("city needs")
    builder = builder.remote(plan["remote"]) if plan["remote"].startswith("sc://") else builder.master(plan["remote"])
    for name, value in {
        "spark.sql.warehouse.dir": plan["results"],
        "spark.sql.catalogImplementation": "in-memory",
        # Days and moments are those that were written, wherever this runs.
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": plan["memory"],
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "16",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def create_sources(session: Any, sources: dict[str, list[str]]) -> None:
    """Each source as a view over its files, in the schema that dbt names it by."""
    for name, files in sources.items():
        session.sql(f"create database if not exists {name.partition('.')[0]}")
        # Files of this deployment, named by the process that started this one.
        rows = " union all ".join(f"select * from parquet.`{file}`" for file in files)  # nosec B608
        session.sql(f"create view {name} as {rows}")


def main() -> None:
    """Read the plan and carry it out."""
    plan = json.load(sys.stdin)
    session = open_session(plan)
    create_sources(session, plan["sources"])

    from dbt.cli.main import dbtRunner

    project = plan["project"]
    command = ["run", "--target", "spark", "--project-dir", project, "--profiles-dir", project]
    command += ["--target-path", plan["target"], "--log-path", str(Path(plan["target"]) / "logs")]
    done = dbtRunner().invoke([*command, "--no-use-colors", "--select", *plan["models"]])
    session.stop()
    sys.exit(0 if done.success else 1)


if __name__ == "__main__":
    main()
