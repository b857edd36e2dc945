"""Planting a fault in a built database, and what dbt's tests say of it."""

from pathlib import Path
from typing import Any

import duckdb
from deployments import Deployment

from orchestration.pipeline import dbt as dbt_run


def damaged(bundled: Deployment, workshop: Deployment, fault: str) -> Path:
    """The build database of the copy, whole but for a fault."""
    database = workshop.settings.build_database
    database.write_bytes(bundled.settings.served_database.read_bytes())
    with duckdb.connect(str(database)) as connection:
        connection.execute(fault)
    return database


def results_of(deployment: Deployment, *selected: str) -> dict[str, Any]:
    """What dbt says of each test that is selected, by its name."""
    deployment.settings.prepare_environment()
    target = deployment.settings.dbt_target
    run = dbt_run.invoke("test", target, "--select", *selected, parsed=dbt_run.read_parsed(target))
    # What runs before all of them is no test.
    return {node.node.name: node for node in run.result.results if node.node.resource_type != "operation"}


def states(deployment: Deployment, *selected: str) -> list[tuple[str, str]]:
    """Names and states of the tests that are selected."""
    return [(name, str(node.status)) for name, node in results_of(deployment, *selected).items()]
