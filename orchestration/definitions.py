"""The whole asset graph: the only module that Dagster loads."""

from __future__ import annotations

import dagster as dg

from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.refresh_job import refresh_job
from orchestration.settings import load_settings


@dg.definitions
def definitions() -> dg.Definitions:
    """What `dagster` commands load with `-m orchestration.definitions`."""
    settings = load_settings()
    return dg.Definitions.merge(build_definitions(settings), dg.Definitions(jobs=[refresh_job(settings)]))
