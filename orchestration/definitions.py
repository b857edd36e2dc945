"""The whole asset graph: the only module that Dagster loads."""

from __future__ import annotations

import dagster as dg

from orchestration.pipeline.graph import build_definitions


@dg.definitions
def definitions() -> dg.Definitions:
    """What `dagster` commands load with `-m orchestration.definitions`."""
    return build_definitions()
